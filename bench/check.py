"""Offline `check()` in one process, 20,000 fee versions loaded, 60 % flat, 40 % banded or per unit, against the bare Ed25519 verify rate.

Both sides take turns on the same receipts, so that neither has the better moment of the machine.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.report import report
from registry.fees.assessment import assess, pack, parse_inputs
from registry.fees.content import content_hash, parse_content
from registry.receipts.token import EDDSA, Claims, Kind, Payment, first_prev, key_id, parse, qr_text, sign
from registry.snapshot import AuthorityPart, Counter, Facts, KeyEntry, Office, PublishedVersion
from registry.snapshot_files import parse_part
from verify.check import check
from verify.verdict import State

ORIGIN = "https://taksa.example"
ISSUED = datetime(2026, 11, 24, 9, tzinfo=UTC)
AUTHORITY = "xk-authority"
ON = date(2026, 11, 24)
FEES = 20_000
RECEIPTS = 1_000
ROUNDS = 31
TARGET = 0.60


def main() -> bool:
    """Measure and print."""
    facts, private = facts_and_key()
    key = private.public_key()
    texts, sealed = [], []
    for raw in receipts(facts, private, RECEIPTS):
        token = parse(raw)
        texts.append(qr_text(ORIGIN, raw))
        sealed.append((token.signature, token.to_be_signed))

    def bare() -> None:
        for signature, signed in sealed:
            key.verify(signature, signed)

    def checked() -> None:
        for text in texts:
            if check(text, facts, ORIGIN, ISSUED).state is not State.MATCH:
                raise SystemExit("a receipt of the benchmark does not match")

    checked()  # fees are read when first asked for
    bares, checks = [], []
    for _ in range(ROUNDS):
        bares.append(_seconds(bare))
        checks.append(_seconds(checked))
    # Of each turn's own ratio, so that a neighbour's noise meets both sides of it.
    ratio = statistics.median(bare_time / check_time for bare_time, check_time in zip(bares, checks, strict=True))
    bare_rate, check_rate = RECEIPTS / statistics.median(bares), RECEIPTS / statistics.median(checks)
    detail = f"check {check_rate:,.0f}/s, bare verify {bare_rate:,.0f}/s, {FEES:,} fee versions"
    return report("offline check / bare Ed25519 verify", ratio, TARGET, detail=detail)


def facts_and_key() -> tuple[Facts, Ed25519PrivateKey]:
    """The published facts that receipts are checked against, and the key that seals them."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return Facts.build([_part(private)], as_of=ISSUED), private


def receipts(facts: Facts, private: Ed25519PrivateKey, number: int) -> list[bytes]:
    """Receipts for fees drawn by chance, the same at every run."""
    chance = random.Random(2026)
    return [_receipt(facts, private, chance.randrange(FEES), serial, chance) for serial in range(1, number + 1)]


class ClockAtIssue:
    """A clock that stands still at the moment of the benchmark's receipts."""

    def now(self) -> datetime:
        return ISSUED


def _seconds(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _part(private: Ed25519PrivateKey) -> AuthorityPart:
    """An authority with all the fees, written and read back as a verifier would have it."""
    public = private.public_key().public_bytes_raw()
    opened, closes = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    contents = [parse_content(_fee(number)) for number in range(FEES)]
    part = AuthorityPart(
        id=AUTHORITY,
        names={"en": "Authority"},
        time_zone="Europe/Belgrade",
        language="sq",
        offices=(Office("office-1", {"en": "Office"}),),
        counters=(Counter("counter-1", 1, "office-1"),),
        keys=(KeyEntry(key_id(public), AUTHORITY, "server", None, EDDSA, public, opened, closes),),
        versions=tuple(PublishedVersion(content.code, 1, content, content_hash(content), opened) for content in contents),
    )
    return parse_part(part.canonical())


def _fee(number: int) -> dict[str, object]:
    """Of ten fees six are flat, two banded, two per unit."""
    fee: dict[str, object] = {
        "authority": AUTHORITY,
        "code": f"FEE-{number:05}",
        "name": {"en": f"Certificate {number}", "sq": f"Certifikatë {number}"},
        "currency": "EUR",
        "components": [{"kind": "administrative_fee", "label": {"en": "Fee"}, "rule": {"type": "flat", "amount": f"{2 + number % 50}.00"}}],
        "legal_basis": {"citation": "Regulation on municipal fees"},
        "valid_from": "2026-01-01",
        "valid_to": None,
        "reason": "first publication",
        "worked_examples": [],
    }
    if number % 10 >= 6:
        fee["inputs"] = [{"name": "area", "label": {"en": "Area"}, "kind": "number", "decimals": 2, "minimum": "0", "maximum": "100000"}]
        banded = {
            "type": "bands",
            "of": "area",
            "scope": "whole",
            "bands": [
                {"up_to": edge, "rule": {"type": "flat", "amount": amount}}
                for edge, amount in (("100.00", "35.00"), ("300.00", "50.00"), ("1000.00", "80.00"), (None, "120.00"))
            ],
        }
        per_unit = {"type": "per_unit", "rate": "1.35", "of": "area", "unit_size": "1", "part": "prorate"}
        fee["components"] = [{"kind": "administrative_fee", "label": {"en": "Fee"}, "rule": banded if number % 2 else per_unit}]
    return fee


def _receipt(facts: Facts, private: Ed25519PrivateKey, number: int, serial: int, chance: random.Random) -> bytes:
    version = facts.in_force(AUTHORITY, f"FEE-{number:05}", ON, ISSUED)
    if version is None:
        raise SystemExit("a fee of the benchmark is not in force")
    content = version.content
    values = parse_inputs(content, {declared.name: f"{chance.randrange(200_000) / 100:.2f}" for declared in content.inputs})
    amount = assess(content, values).minor
    kid = key_id(private.public_key().public_bytes_raw())
    claims = Claims(
        kind=Kind.NORMAL,
        counter=1,
        serial=serial,
        fee=content.code,
        version=1,
        on=ON,
        payment=Payment.CASH,
        inputs=pack(content, values),
        amount=amount or 0,
        currency=content.currency,
        prev=first_prev(kid, 1),
        ref=None,
        iat=int(ISSUED.timestamp()),
        cti=serial.to_bytes(10),
    )
    return sign(claims, kid, private)


if __name__ == "__main__":
    main()
