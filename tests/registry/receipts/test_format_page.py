"""docs/receipt-format.md says the truth: its example is made again, its program is run."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.receipts.number import receipt_number, show_number
from registry.receipts.token import Claims, key_id, parse, qr_text, sign
from tests.oracle.test_cwt import jwk
from verify.verdict import State, StepName

PAGE = (Path(__file__).parents[3] / "docs" / "receipt-format.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    found = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert 1 == len(found)
    return str(found[0])


VECTOR = dict(line.split(maxsplit=1) for line in block("vector").splitlines())


def test_the_worked_example_is_made_again_byte_for_byte() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTOR["seed"]))
    public = private.public_key().public_bytes_raw()
    kind, counter, serial, fee, version, on, payment, inputs, amount, currency, prev = json.loads(VECTOR["claims"])
    cti = bytes.fromhex(VECTOR["cti"])
    claims = Claims(
        kind=kind,
        counter=counter,
        serial=serial,
        fee=fee,
        version=version,
        on=date.fromisoformat(on),
        payment=payment,
        inputs=tuple(inputs),
        amount=amount,
        currency=currency,
        prev=bytes.fromhex(prev),
        ref=None,
        iat=int(datetime.fromisoformat(VECTOR["iat"]).timestamp()),
        cti=cti,
    )
    raw = sign(claims, key_id(public), private)
    token = parse(raw)
    end = len(raw) - 66
    assert {
        "seed": VECTOR["seed"],
        "public": public.hex(),
        "kid": token.kid.hex(),
        "iat": claims.issued_at.isoformat().replace("+00:00", "Z"),
        "cti": cti.hex(),
        "claims": VECTOR["claims"],
        "protected": raw[3:16].hex(),
        "payload": raw[19:end].hex(),
        "to_be_signed": token.to_be_signed.hex(),
        "signature": token.signature.hex(),
        "token": raw.hex(),
        "qr_text": qr_text("https://taksa.example", raw),
        "number": show_number(receipt_number(cti)),
    } == VECTOR


def test_the_program_on_the_page_verifies_the_example_and_nothing_else() -> None:
    scope: dict[str, Any] = {}
    exec(block("python"), scope)
    jwks = {"keys": [jwk("stranger"), jwk("server")]}
    claims = scope["verified"](VECTOR["qr_text"], jwks)
    assert ("PERMIT", 18075) == (claims[-65537][3], claims[-65537][8])
    altered = VECTOR["qr_text"][:-4] + "AAAA"
    with pytest.raises(InvalidSignature):
        scope["verified"](altered, jwks)


def test_the_page_names_every_step_and_every_state_a_step_leads_to() -> None:
    assert [] == [name for name in StepName if f"`{name}" not in PAGE]
    assert [] == [state for state in State if f"`{state}`" not in PAGE and state is not State.UNKNOWN_NUMBER]
