"""Makes receipts.json, the published vectors of receipts: `python tests/vectors/make_receipts.py`.

The keys are made from published seeds, so every byte can be made again by anyone, in any language. The states are written here by hand
from docs/receipt-format.md; nothing in the file is what the program under test said.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.fees.content import content_hash, parse_content
from registry.receipts.number import receipt_number
from registry.receipts.token import EDDSA, EXTERNAL_AAD, Claims, Kind, Payment, first_prev, key_id, qr_text, sign
from registry.snapshot import AuthorityPart, Counter, End, Facts, KeyEntry, Office, PublishedVersion, VoidDay, show_time, void_prefix

FILE = Path(__file__).with_name("receipts.json")
ORIGIN = "https://taksa.example"
AUTHORITY = "xk-demo-town"

ISSUED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ON = date(2026, 11, 24)

SEEDS = {
    "server": "01" * 32,
    "device": "02" * 32,
    "revoked": "03" * 32,
    "compromised": "04" * 32,
    "stranger": "05" * 32,
    "expired": "06" * 32,
    "ed25519": "07" * 32,
}


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEEDS[name]))


def public(name: str) -> bytes:
    return private(name).public_key().public_bytes_raw()


def kid(name: str) -> bytes:
    return key_id(public(name))


# The facts


def entry(name: str, use: str = "server", counters: tuple[int, ...] | None = None, alg: int = EDDSA, **times: datetime) -> KeyEntry:
    terms = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": datetime(2027, 12, 31, tzinfo=UTC), **times}
    reason = "lost laptop" if "revoked_at" in times else None
    return KeyEntry(kid(name), AUTHORITY, use, counters, alg, public(name), reason=reason, **terms)


def version(
    code: str, rule: Mapping[str, object], number: int = 1, inputs: list[object] | None = None, ends: tuple[End, ...] = (), **more: object
) -> PublishedVersion:
    content = parse_content(
        {
            "authority": AUTHORITY,
            "code": code,
            "name": {"en": code.capitalize()},
            "currency": "EUR",
            "inputs": inputs or [],
            "components": [{"kind": "administrative_fee", "label": {"en": "Fee"}, "rule": rule}],
            "legal_basis": {"citation": "Municipal Regulation 1/2026"},
            "valid_from": "2026-01-01",
            "valid_to": None,
            "reason": "first publication",
            "worked_examples": [],
            **more,
        }
    )
    published = datetime(2026, 1, 1, tzinfo=UTC) if number == 1 else datetime(2026, 12, 1, tzinfo=UTC)
    return PublishedVersion(code, number, content, content_hash(content), published, ends)


AREA = {"name": "area", "label": {"en": "Area"}, "kind": "number", "unit": "m2", "decimals": 2, "minimum": "0", "maximum": "100000"}
COST = {"name": "cost", "label": {"en": "Cost"}, "kind": "money", "minimum": "0", "maximum": "100000"}
PENSIONER = {"name": "pensioner", "label": {"en": "Pensioner"}, "kind": "yes_no"}
CORRECTION = End(date(2026, 1, 1), datetime(2026, 12, 1, tzinfo=UTC), "wrong amount in the gazette", 2)

PART = AuthorityPart(
    id=AUTHORITY,
    names={"en": "Demo Town", "sq": "Qyteti Demo"},
    time_zone="Europe/Belgrade",
    language="sq",
    offices=(Office("town-hall", {"en": "Town hall"}),),
    counters=(Counter("desk-1", 1, "town-hall"), Counter("handheld-2", 2, "town-hall", "device")),
    keys=(
        entry("server"),
        entry("device", "device", (2,)),
        entry("revoked", revoked_at=datetime(2026, 11, 20, tzinfo=UTC)),
        entry("compromised", revoked_at=datetime(2026, 11, 25, tzinfo=UTC), compromised_at=datetime(2026, 11, 24, 12, tzinfo=UTC)),
        entry("expired", not_after=datetime(2026, 6, 30, tzinfo=UTC)),
    ),
    versions=(
        version("CERT", {"type": "flat", "amount": "10.00"}),
        version("PERMIT", {"type": "per_unit", "rate": "1.50", "of": "area", "unit_size": "1", "part": "prorate"}, inputs=[AREA]),
        version(
            "CARD",
            {"type": "flat", "amount": "20.00"},
            inputs=[PENSIONER],
            concessions=[{"label": {"en": "Pensioners"}, "when": "pensioner", "effect": {"type": "free"}, "priority": 1}],
        ),
        version("COPY", {"type": "actual_cost", "of": "cost"}, inputs=[COST]),
        version("EXPERT", {"type": "not_computable", "text": "as the expert's contract says"}),
        version("STAMP", {"type": "flat", "amount": "5.00"}, ends=(CORRECTION,)),
        version("STAMP", {"type": "flat", "amount": "4.00"}, number=2),
        version("OLD", {"type": "flat", "amount": "3.00"}, valid_to="2026-07-01"),
    ),
)

VOIDED_CTI = b"voided-pub"
FACTS = Facts.build([PART], [VoidDay(date(2026, 11, 24), frozenset([void_prefix(VOIDED_CTI)]))], as_of=datetime(2026, 12, 1, tzinfo=UTC))


# The receipts


def claims(key: str = "server", **changes: object) -> Claims:
    counter = changes.get("counter", 1)
    assert isinstance(counter, int)
    normal = Claims(
        kind=Kind.NORMAL,
        counter=counter,
        serial=1,
        fee="CERT",
        version=1,
        on=ON,
        payment=Payment.CASH,
        inputs=(),
        amount=1000,
        currency="EUR",
        prev=first_prev(kid(key), counter),
        ref=None,
        iat=seconds(ISSUED),
        cti=b"0123456789",
    )
    return normal._replace(**changes)  # type: ignore[arg-type]  # names of claims, as the tests would tell


def receipt(key: str = "server", **changes: object) -> bytes:
    return sign(claims(key, **changes), kid(key), private(key))


def offline(**changes: object) -> bytes:
    return receipt("device", kind=Kind.OFFLINE, counter=2, **changes)


def sealed(payload: bytes, key: str = "server", alg: int = EDDSA, unprotected: Mapping[object, object] | None = None) -> bytes:
    """Any payload under a good signature: what a newer issuer, or a careless one, would make."""
    protected = cbor2.dumps({1: alg, 4: kid(key)})
    signature = private(key).sign(cbor2.dumps(["Signature1", protected, EXTERNAL_AAD, payload]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, dict(unprotected or {}), payload, signature]))


def payload_of(raw: bytes) -> bytes:
    payload = cbor2.loads(raw).value[2]
    assert isinstance(payload, bytes)
    return payload


def flipped(raw: bytes, at: int, bit: int = 1) -> bytes:
    changed = bytearray(raw)
    changed[at] ^= bit
    return bytes(changed)


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def recorded(at: datetime = ISSUED, **more: object) -> dict[str, object]:
    return {"recorded_at": show_time(at), "voided": None, "seen": None, **more}


NOT_RECORDED = "not_recorded"
GOOD = receipt()
LABELS = {6: seconds(ISSUED), 7: b"0123456789"}
NEWER_LABEL = sealed(cbor2.dumps({**LABELS, -65538: [0, "of a format to come"]}))
NEWER_KIND = sealed(cbor2.dumps({**LABELS, -65537: [4, *cbor2.loads(payload_of(GOOD))[-65537][1:]]}))
NEWER_COUNT = sealed(cbor2.dumps({**LABELS, -65537: [*cbor2.loads(payload_of(GOOD))[-65537], b"another claim"]}))
LOOSE = receipt(serial=300)
"""142 bytes: the last of its letters has four bits to spare."""
HEX = GOOD.hex()
IAT = f"061a{seconds(ISSUED):08x}"
SLIP = receipt(kind=Kind.VOID_SLIP, serial=2, payment=Payment.UNSTATED, cti=b"voidslip-1", ref=b"0123456789")
MANY_DEEP = sealed(cbor2.dumps({**LABELS, -65537: [0, [[[[[[[[1]]]]]]]]]}))


def case(name: str, raw: bytes, state: str, **more: object) -> dict[str, object]:
    """One vector. `receipt` is the text that was scanned, where it is not simply the token's own address."""
    full = {
        "now": show_time(LATER),
        "entry": recorded(),
        "paid": None,
        "inputs": None,
        "claimed": None,
        "difference": None,
        "flags": [],
        "failed": None,
        **more,
    }
    return {"name": name, "token": raw.hex(), "receipt": full.pop("receipt", None) or qr_text(ORIGIN, raw), **full, "state": state}


def cases() -> list[dict[str, object]]:
    address = qr_text(ORIGIN, GOOD)
    letters = address.rpartition("/")[2]
    quoted = address.replace(":", "%3A").replace("/", "%2F")
    loose = qr_text(ORIGIN, LOOSE)
    overpaid = {"paid": money("12.00"), "difference": money("2.00"), "failed": "paid_amount"}
    same = {"difference": money("0.00")}
    return [
        # What is read
        case("as issued", GOOD, "match", **same),
        case("lower-case address", GOOD, "match", receipt=address.lower(), **same),
        case("percent-encoded address", GOOD, "match", receipt=quoted.lower(), **same),
        case("bare token with space around it", GOOD, "match", receipt=f"  {letters}\n", **same),
        case("token under another host", GOOD, "not_a_receipt", receipt=f"https://taksa.example.com/R/{letters}", failed="ours"),
        case("a word that is base32 by chance", GOOD, "not_a_receipt", receipt="TAKSA22", failed="format"),
        case("some other code", GOOD, "not_a_receipt", receipt="WIFI:S:cafe;T:WPA;P:coffee;;", failed="format"),
        case("a loose bit in the last letter", LOOSE, "not_genuine", receipt=loose[:-1] + chr(ord(loose[-1]) + 1), failed="canonical"),
        case("one letter missing", GOOD, "not_a_receipt", receipt=address[:-1], failed="format"),
        case("cut in half", GOOD[: len(GOOD) // 2], "not_a_receipt", failed="format"),
        case("longer than any token", GOOD + bytes(512), "not_a_receipt", failed="format"),
        case("nested deeper than the format", MANY_DEEP, "not_a_receipt", failed="format"),
        # One encoding
        case("a byte left over", GOOD + b"\x00", "not_genuine", failed="canonical"),
        case("an integer longer than need be", bytes.fromhex(HEX.replace("d2844d", "d29804" + "4d", 1)), "not_genuine", failed="canonical"),
        case(
            "an iat longer than need be, and sealed",
            sealed(bytes.fromhex(payload_of(GOOD).hex().replace(IAT, "061b00000000" + IAT[4:]))),
            "not_genuine",
            failed="canonical",
        ),
        case("a key twice, and sealed", sealed(b"\xa4\x06\x00" + payload_of(GOOD)[1:]), "not_genuine", failed="canonical"),
        case("an unprotected header", sealed(payload_of(GOOD), unprotected={4: kid("server")}), "not_a_receipt", failed="format"),
        # The key
        case("a key we do not know", receipt("stranger"), "unknown_key", failed="key_known"),
        case("issued after its key was revoked", receipt("revoked"), "key_revoked", failed="key_good"),
        case(
            "issued before its key was revoked",
            receipt("revoked", iat=seconds(datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC))),
            "match",
            **same,
        ),
        case("issued after its key's time", receipt("expired"), "key_revoked", failed="key_good"),
        case("a leaked key, recorded before", receipt("compromised"), "match", **same),
        case(
            "a leaked key, recorded after",
            receipt("compromised"),
            "key_revoked",
            entry=recorded(datetime(2026, 11, 24, 12, tzinfo=UTC)),
            failed="key_good",
        ),
        case("a leaked key, not recorded", receipt("compromised"), "key_revoked", entry=NOT_RECORDED, failed="key_good"),
        case("a leaked key, register not asked", receipt("compromised"), "unchecked", entry=None, **same),
        case("a server key at a device's counter", receipt(counter=2), "key_revoked", failed="key_good"),
        case("a device key at a server's counter", receipt("device", kind=Kind.OFFLINE), "key_revoked", failed="key_good"),
        case("a device key on a normal receipt", receipt("device", counter=2), "key_revoked", failed="key_good"),
        # The signature
        case("the amount altered", bytes.fromhex(HEX.replace("1903e8", "1903e9", 1)), "not_genuine", failed="signature"),
        case("the signature altered", flipped(GOOD, -1), "not_genuine", failed="signature"),
        case("another algorithm than the key's", sealed(payload_of(GOOD), alg=-19), "not_genuine", failed="signature"),
        # The kind
        case("a label to come", NEWER_LABEL, "unknown_key", failed="kind"),
        case("a kind to come", NEWER_KIND, "unknown_key", failed="kind"),
        case("a claim to come", NEWER_COUNT, "unknown_key", failed="kind"),
        case("a kind to come, not sealed by its key", flipped(NEWER_KIND, -1), "not_genuine", failed="signature"),
        case("a practice slip", receipt(kind=Kind.TRAINING), "training", failed="kind"),
        case("from the future", receipt(iat=seconds(LATER) + 301), "not_verifiable", failed="not_future"),
        case("from a clock a little ahead", receipt(iat=seconds(LATER) + 300), "match", **same),
        # The register
        case("register not asked", GOOD, "match", entry=None, **same),
        case("not in the register", GOOD, "unrecorded", entry=NOT_RECORDED, failed="recorded", **same),
        case("not in the register, and too much", GOOD, "unrecorded", entry=NOT_RECORDED, **{**overpaid, "failed": "recorded"}),
        case(
            "voided, says the register",
            GOOD,
            "voided",
            entry=recorded(voided={"voided_on": "2026-11-24", "reason": "wrong_fee", "replaced_by": receipt_number(b"replacing1")}),
            failed="not_void",
            **same,
        ),
        case("voided, say the public voids", receipt(cti=VOIDED_CTI), "voided", entry=None, failed="not_void", **same),
        case("a void slip", SLIP, "voided", failed="not_void"),
        case("a void slip that is not in the register", SLIP, "unrecorded", entry=NOT_RECORDED, failed="recorded"),
        case("looked at before", GOOD, "match", entry=recorded(seen={"times": 2, "first": "2026-11-24"}), flags=["seen"], **same),
        case("offline, not uploaded yet", offline(), "provisional", entry=NOT_RECORDED, **same),
        case("offline, 48 hours later to the second", offline(), "provisional", entry=NOT_RECORDED, now="2026-11-26T09:30:00Z", **same),
        case("offline, past 48 hours", offline(), "overdue", entry=NOT_RECORDED, now="2026-11-26T09:30:01Z", failed="recorded", **same),
        case("offline, uploaded", offline(), "match", **same),
        case("offline, not uploaded, too much", offline(), "overcharged", entry=NOT_RECORDED, **overpaid),
        # The money
        case("paid what is published", GOOD, "match", paid=money("10.00"), **same),
        case("paid more than published", GOOD, "overcharged", **overpaid),
        case("paid less than published", GOOD, "undercharged", paid=money("8.00"), difference=money("2.00"), failed="paid_amount"),
        case("recorded more than published", receipt(amount=1100), "overcharged", difference=money("1.00"), failed="recorded_amount"),
        case("recorded less than published", receipt(amount=900), "undercharged", difference=money("1.00"), failed="recorded_amount"),
        case(
            "recorded less than was paid",
            receipt(amount=900),
            "underrecorded",
            paid=money("10.00"),
            difference=money("1.00"),
            failed="recorded_amount",
        ),
        case("by the area", receipt(fee="PERMIT", inputs=(12050,), amount=18075), "match", **same),
        case(
            "by the area, which was smaller",
            receipt(fee="PERMIT", inputs=(12050,), amount=18075),
            "match",
            inputs={"area": "100.00"},
            claimed=money("150.00"),
            flags=["disputed"],
            **same,
        ),
        case("free, and nothing was charged", receipt(fee="CARD", inputs=(1,), amount=0), "match", **same),
        case(
            "free, and something was charged",
            receipt(fee="CARD", inputs=(1,), amount=2000),
            "overcharged",
            difference=money("20.00"),
            failed="recorded_amount",
        ),
        case("no such fee", receipt(fee="HANDLING"), "unpublished_fee", failed="fee_in_force"),
        case("a fee no longer in force", receipt(fee="OLD", amount=300), "unpublished_fee", failed="fee_in_force"),
        case("a fee still in force on the legal date", receipt(fee="OLD", amount=300, on=date(2026, 6, 30)), "match", **same),
        case(
            "no such fee, and more than the receipt says", receipt(fee="HANDLING"), "overcharged", **{**overpaid, "failed": "fee_in_force"}
        ),
        case("charged in another currency", receipt(currency="MKD"), "unpublished_fee", failed="published_amount"),
        case("an actual cost", receipt(fee="COPY", inputs=(1234,), amount=1234), "not_verifiable"),
        case("not computable", receipt(fee="EXPERT", amount=1234), "not_verifiable"),
        case("inputs that the fee does not have", receipt(inputs=(1, 2)), "not_verifiable"),
        case("right when issued, corrected since", receipt(fee="STAMP", amount=500), "match", flags=["corrected"], **same),
        case(
            "charged by the corrected version",
            receipt(fee="STAMP", version=2, amount=400, iat=seconds(datetime(2026, 12, 2, tzinfo=UTC))),
            "match",
            now="2026-12-02T08:00:00Z",
            **same,
        ),
        case(
            "charged by the version that was corrected",
            receipt(fee="STAMP", amount=500, iat=seconds(datetime(2026, 12, 2, tzinfo=UTC))),
            "overcharged",
            now="2026-12-02T08:00:00Z",
            difference=money("1.00"),
            failed="recorded_amount",
        ),
    ]


def document() -> str:
    """The whole file."""
    return (
        json.dumps(
            {
                "about": "Receipts, the facts to check them against, and what the check must say. Made by make_receipts.py beside it.",
                "origin": ORIGIN,
                "external_aad": EXTERNAL_AAD.decode(),
                "seeds": {name: {"seed": seed, "public": public(name).hex(), "kid": kid(name).hex()} for name, seed in SEEDS.items()},
                "as_of": show_time(FACTS.as_of),
                "authorities": [json.loads(PART.canonical())],
                "voids": {day.isoformat(): json.loads(voids.canonical()) for day, voids in FACTS.void_days.items()},
                "cases": cases(),
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
