"""The steps of a check, by the published vectors, by precedence, and against whatever bytes anyone may bring."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import InputRefused
from registry.money import Money
from registry.receipts.token import Kind, qr_text
from registry.snapshot import End, Facts, PublishedVersion
from registry.snapshot_files import parse_part, parse_voids
from tests.vectors import make_receipts as made
from verify.check import NOT_RECORDED, Absent, Entry, check
from verify.errors import PaidCurrencyMismatch
from verify.verdict import Flag, Seen, State, StepName, Verdict, VoidFact

VECTORS = json.loads(made.FILE.read_text(encoding="utf-8"))
FACTS = Facts.build(
    [parse_part(rfc8785.dumps(authority)) for authority in VECTORS["authorities"]],
    [parse_voids(date.fromisoformat(day), rfc8785.dumps(voids)) for day, voids in VECTORS["voids"].items()],
    as_of=datetime.fromisoformat(VECTORS["as_of"]),
)
NOW = made.LATER
ORIGIN = made.ORIGIN
RECORDED = Entry(made.ISSUED)
CASES = {case["name"]: case for case in VECTORS["cases"]}
PLAIN = [name for name, case in CASES.items() if case["receipt"] == qr_text(ORIGIN, bytes.fromhex(case["token"]))]
"""The vectors that are not about the text around the token."""


def entry_of(written: Any) -> Entry | Absent | None:
    if written is None or written == "not_recorded":
        return NOT_RECORDED if written else None
    voided, seen = written["voided"], written["seen"]
    return Entry(
        datetime.fromisoformat(written["recorded_at"]),
        voided and VoidFact(date.fromisoformat(voided["voided_on"]), voided["reason"], voided["replaced_by"]),
        seen and Seen(seen["times"], date.fromisoformat(seen["first"])),
    )


def money_of(written: Mapping[str, str] | None) -> Money | None:
    return None if written is None else Money.parse(written["amount"], written["currency"])


def look(receipt: str | bytes, **asked: Any) -> Verdict:
    return check(receipt, asked.pop("facts", FACTS), ORIGIN, asked.pop("now", NOW), **{"entry": RECORDED, **asked})


def first_failed(verdict: Verdict) -> str | None:
    return next((step.name for step in verdict.checks if step.passed is False), None)


def step(verdict: Verdict, name: StepName) -> tuple[bool | None, str | None]:
    return next((step.passed, step.detail) for step in verdict.checks if step.name is name)


# The vectors


@pytest.mark.parametrize("name", CASES)
def test_published_vectors_get_their_state(name: str) -> None:
    case = CASES[name]
    verdict = check(
        case["receipt"],
        FACTS,
        VECTORS["origin"],
        datetime.fromisoformat(case["now"]),
        money_of(case["paid"]),
        case["inputs"],
        entry_of(case["entry"]),
    )
    expected = (case["state"], money_of(case["difference"]), case["flags"], case["failed"], money_of(case["claimed"]))
    assert expected == (verdict.state, verdict.difference, list(verdict.flags), first_failed(verdict), verdict.claimed)


@pytest.mark.parametrize("name", PLAIN)
def test_the_bytes_of_a_token_say_the_same_as_its_address(name: str) -> None:
    case = CASES[name]
    now, entry = datetime.fromisoformat(case["now"]), entry_of(case["entry"])
    verdict = check(bytes.fromhex(case["token"]), FACTS, ORIGIN, now, money_of(case["paid"]), case["inputs"], entry)
    assert case["state"] == verdict.state


def test_the_vectors_are_what_their_maker_makes() -> None:
    assert made.document() == made.FILE.read_text(encoding="utf-8")


def test_the_vectors_reach_every_state_a_check_can_find() -> None:
    """`unknown_number` is found before there is a token to check."""
    assert set(State) - {State.UNKNOWN_NUMBER} == {case["state"] for case in VECTORS["cases"]}


def test_the_vectors_reach_every_flag() -> None:
    assert set(Flag) == {flag for case in VECTORS["cases"] for flag in case["flags"]}


def test_the_vectors_fail_every_step_that_can_fail() -> None:
    assert set(StepName) == {case["failed"] for case in VECTORS["cases"]} - {None}


# Order


def test_steps_stand_in_order_and_none_is_left_out_once_the_seal_holds() -> None:
    assert list(StepName) == [step.name for step in look(made.GOOD).checks]


@pytest.mark.parametrize("name", CASES)
def test_a_check_never_takes_a_step_twice_or_out_of_order(name: str) -> None:
    case = CASES[name]
    taken = [step.name for step in look(case["receipt"], now=datetime.fromisoformat(case["now"]), entry=entry_of(case["entry"])).checks]
    assert [name for name in StepName if name in taken] == taken


def test_a_seal_that_fails_ends_the_check() -> None:
    for failed in ("canonical", "key_known", "key_good", "signature", "kind", "not_future"):
        case = next(case for case in VECTORS["cases"] if case["failed"] == failed)
        assert failed == look(case["receipt"], entry=entry_of(case["entry"])).checks[-1].name


def test_nothing_a_token_says_is_told_before_its_signature_held() -> None:
    for case in VECTORS["cases"]:
        verdict = look(case["receipt"], now=datetime.fromisoformat(case["now"]), entry=entry_of(case["entry"]))
        if verdict.receipt is None:
            assert (None, None, None) == (verdict.recorded, verdict.published, verdict.fee)
        else:
            assert (True, None) == step(verdict, StepName.SIGNATURE)


VOIDED = Entry(made.ISSUED, VoidFact(made.ON, "wrong_fee", "4000 0000 0000 0000"))


def test_voided_comes_before_the_money_and_the_amounts_are_still_shown() -> None:
    verdict = look(made.receipt(amount=1100), entry=VOIDED, paid=Money(1200, "EUR"))
    shown = (verdict.published, verdict.recorded, verdict.paid, verdict.difference)
    assert (State.VOIDED, VOIDED.voided) == (verdict.state, verdict.void)
    assert (Money(1000, "EUR"), Money(1100, "EUR"), Money(1200, "EUR"), Money(200, "EUR")) == shown


def test_unrecorded_comes_before_voided() -> None:
    """The public voids know it, the register does not: somebody made a row go away."""
    verdict = look(made.receipt(cti=made.VOIDED_CTI), entry=NOT_RECORDED)
    assert (State.UNRECORDED, VoidFact(made.ON)) == (verdict.state, verdict.void)


def test_a_void_in_public_counts_even_where_the_register_has_forgotten_it() -> None:
    assert State.VOIDED is look(made.receipt(cti=made.VOIDED_CTI), entry=RECORDED).state


def test_an_overcharge_comes_before_provisional_and_provisional_before_not_verifiable() -> None:
    assert State.OVERCHARGED is look(made.offline(amount=1100), entry=NOT_RECORDED).state
    assert State.UNPUBLISHED_FEE is look(made.offline(fee="HANDLING"), entry=NOT_RECORDED).state
    assert State.PROVISIONAL is look(made.offline(fee="EXPERT"), entry=NOT_RECORDED).state
    assert State.OVERDUE is look(made.offline(fee="EXPERT"), entry=NOT_RECORDED, now=NOW + timedelta(days=3)).state


def test_a_bad_signature_of_a_leaked_key_is_not_genuine_even_when_the_register_could_not_be_asked() -> None:
    assert State.NOT_GENUINE is look(made.flipped(made.receipt("compromised"), -1), entry=None).state


def test_a_practice_slip_of_a_leaked_key_stays_unchecked_without_the_register() -> None:
    assert State.UNCHECKED is look(made.receipt("compromised", kind=Kind.TRAINING), entry=None).state


# Keys


def test_a_key_is_good_from_its_first_to_its_last_second() -> None:
    first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC)
    for at, state in ((first, State.MATCH), (last, State.MATCH), (last + timedelta(seconds=1), State.KEY_REVOKED)):
        assert state is look(made.receipt("expired", iat=int(at.timestamp()), on=at.date())).state
    before = first - timedelta(seconds=1)
    verdict = look(made.receipt(iat=int(before.timestamp())))
    assert (False, "before_not_before") == step(verdict, StepName.KEY_GOOD)


def test_a_key_is_not_good_at_the_very_second_of_its_revocation() -> None:
    verdict = look(made.receipt("revoked", iat=int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())))
    assert (False, "revoked") == step(verdict, StepName.KEY_GOOD)


def test_a_leaked_key_is_judged_by_when_the_register_had_the_receipt_whatever_its_iat() -> None:
    """Who has the key can write any iat."""
    early = made.receipt("compromised", iat=int(datetime(2026, 2, 1, tzinfo=UTC).timestamp()))
    assert State.KEY_REVOKED is look(early, entry=Entry(datetime(2026, 11, 24, 12, tzinfo=UTC))).state
    assert State.MATCH is look(early, entry=Entry(datetime(2026, 11, 24, 11, 59, 59, tzinfo=UTC))).state


def test_a_server_key_never_signs_an_offline_receipt() -> None:
    assert (False, "server") == step(look(made.receipt(kind=Kind.OFFLINE)), StepName.KEY_GOOD)


def test_an_entry_may_allow_the_newer_name_of_the_algorithm() -> None:
    """RFC 9864 calls the same algorithm -19."""
    part = made.PART
    key = made.entry("ed25519", alg=-19)
    facts = FACTS.with_parts([type(part)(**{**vars_of(part), "keys": (*part.keys, key)})], as_of=FACTS.as_of)
    sealed = made.sealed(made.payload_of(made.receipt("ed25519")), "ed25519", alg=-19)
    assert State.MATCH is look(sealed, facts=facts).state
    assert State.MATCH is look(made.receipt("ed25519"), facts=facts).state


def vars_of(part: Any) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


# Facts of the verdict


def test_a_verdict_tells_who_issued_what_and_where() -> None:
    verdict = look(made.receipt(fee="PERMIT", inputs=(12050,), amount=18075), paid=Money(18075, "EUR"))
    receipt, fee = verdict.receipt, verdict.fee
    assert receipt is not None
    assert fee is not None
    assert ("desk-1", "town-hall", made.ISSUED) == (
        receipt.counter and receipt.counter.id,
        receipt.office and receipt.office.id,
        receipt.issued_at,
    )
    assert ({"area": "120.50"}, [18075], 1) == (fee.inputs, [line.minor for line in fee.lines], fee.recorded_version)
    assert made.FACTS.as_of == verdict.facts_as_of


def test_a_receipt_that_names_another_version_is_held_against_the_one_in_force() -> None:
    verdict = look(made.receipt(version=7))
    assert (State.MATCH, (True, "other_version")) == (verdict.state, step(verdict, StepName.FEE_IN_FORCE))
    assert verdict.fee is not None
    assert verdict.fee.version is not None
    assert (7, 1) == (verdict.fee.recorded_version, verdict.fee.version.number)


def test_a_fee_that_is_no_longer_in_force_still_has_its_name() -> None:
    fee = look(made.receipt(fee="OLD", amount=300)).fee
    assert fee is not None
    assert fee.version is None
    assert fee.content is not None
    assert {"en": "Old"} == fee.content.name


def test_a_correction_recorded_after_the_receipt_does_not_make_it_wrong() -> None:
    verdict = look(made.receipt(fee="STAMP", amount=500))
    assert (State.MATCH, (Flag.CORRECTED,)) == (verdict.state, verdict.flags)


def test_an_end_that_leaves_the_legal_date_alone_is_no_correction() -> None:
    """A plain successor, published in December for January."""
    part = made.PART
    ends = (End(date(2027, 1, 1), datetime(2026, 12, 1, tzinfo=UTC), "yearly", 2),)
    cert = part.version("CERT", 1)
    assert cert is not None
    ended = PublishedVersion("CERT", 1, cert.content, cert.content_hash, cert.published_at, ends)
    facts = FACTS.with_parts([type(part)(**{**vars_of(part), "versions": (ended,)})], as_of=FACTS.as_of)
    assert () == look(made.GOOD, facts=facts).flags


def test_claimed_inputs_that_come_to_the_same_are_no_dispute() -> None:
    verdict = look(made.receipt(fee="PERMIT", inputs=(12050,), amount=18075), claimed={"area": "120.50"})
    assert ((), Money(18075, "EUR")) == (verdict.flags, verdict.claimed)


def test_claimed_inputs_that_no_fee_has_are_refused() -> None:
    with pytest.raises(InputRefused):
        look(made.GOOD, claimed={"area": "1"})


def test_a_paid_amount_in_another_currency_is_refused_not_converted() -> None:
    with pytest.raises(PaidCurrencyMismatch):
        look(made.GOOD, paid=Money(1000, "MKD"))


def test_another_host_is_named_so_that_a_false_code_can_be_reported() -> None:
    verdict = look(qr_text("https://taksa.example.evil.test", made.GOOD))
    assert (State.NOT_A_RECEIPT, "taksa.example.evil.test") == (verdict.state, (verdict.foreign_host or "").lower())


def test_a_fee_that_cannot_be_read_says_nothing_about_the_receipt() -> None:
    part = made.PART
    content = b'{"valid_from":"2026-01-01","valid_to":null}'
    broken = PublishedVersion("CERT", 1, content, sha256(content).hexdigest(), datetime(2026, 1, 1, tzinfo=UTC))
    facts = FACTS.with_parts([type(part)(**{**vars_of(part), "versions": (broken,)})], as_of=FACTS.as_of)
    verdict = look(made.GOOD, facts=facts)
    assert (State.UNCHECKED, (None, "malformed_snapshot")) == (verdict.state, step(verdict, StepName.PUBLISHED_AMOUNT))


# Whatever anyone may bring

REFUSED = {State.NOT_A_RECEIPT, State.UNKNOWN_KEY, State.KEY_REVOKED, State.NOT_GENUINE}


@given(st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    assert look(data).state in REFUSED


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_a_verdict(text: str) -> None:
    assert State.NOT_A_RECEIPT is look(text).state


@given(
    st.text(alphabet="ABCXYZ234567%/:?#[]@.\\ \n", max_size=200),
    st.sampled_from(["HTTPS://TAKSA.EXAMPLE/R/", "https://[", "http://a@b/r/", "//"]),
)
@settings(max_examples=200, deadline=None)
def test_any_address_gets_a_verdict(text: str, start: str) -> None:
    assert look(start + text).state in REFUSED


@given(st.integers(0, len(made.GOOD) * 8 - 1))
@settings(max_examples=150, deadline=None)
def test_no_flipped_bit_goes_unnoticed(place: int) -> None:
    assert look(made.flipped(made.GOOD, place // 8, 1 << place % 8)).state in REFUSED


@pytest.mark.parametrize("length", range(len(made.GOOD)))
def test_no_truncation_goes_unnoticed(length: int) -> None:
    assert State.NOT_A_RECEIPT is look(made.GOOD[:length]).state


@given(st.binary(min_size=1, max_size=40))
@settings(max_examples=50, deadline=None)
def test_nothing_can_be_hung_on_a_token(tail: bytes) -> None:
    assert State.NOT_GENUINE is look(made.GOOD + tail).state


@pytest.mark.parametrize("letter", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
def test_the_last_letter_of_an_address_has_one_form(letter: str) -> None:
    """A base32 tail with loose bits decodes to the same bytes in careless decoders."""
    address = qr_text(ORIGIN, made.LOOSE)
    verdict = look(address[:-1] + letter)
    assert (State.MATCH if letter == address[-1] else State.NOT_GENUINE) is verdict.state


plain_items = st.integers(-(2**70), 2**70) | st.binary(max_size=12) | st.text(max_size=8)
odd_items = st.none() | st.booleans() | st.floats() | st.datetimes(timezones=st.just(UTC))
cbor_values = st.recursive(
    plain_items | odd_items,
    lambda inner: st.lists(inner, max_size=13) | st.dictionaries(st.integers(-10, 10) | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(cbor_values)
@settings(max_examples=150, deadline=None)
def test_any_payload_under_a_good_seal_gets_a_verdict(payload: object) -> None:
    """An issuer with a key and a bug."""
    assert look(made.sealed(cbor2.dumps(payload))).state in REFUSED


@given(st.integers(0, 10), cbor_values)
@settings(max_examples=200, deadline=None)
def test_any_claim_under_a_good_seal_gets_a_verdict(place: int, value: object) -> None:
    content = cbor2.loads(made.payload_of(made.GOOD))
    content[-65537][place] = value
    assert isinstance(look(made.sealed(cbor2.dumps(content))), Verdict)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.integers(-(2**63) + 1, 2**63 - 1), max_size=9),
    st.sampled_from(["CERT", "PERMIT", "CARD", "COPY", "x"]),
)
@settings(max_examples=150, deadline=None)
def test_any_sealed_amount_and_inputs_get_a_verdict(amount: int, inputs: list[int], fee: str) -> None:
    assert isinstance(look(made.receipt(fee=fee, amount=amount, inputs=tuple(inputs))), Verdict)


def test_two_megabytes_are_refused_unread() -> None:
    assert State.NOT_A_RECEIPT is look("A" * 2_000_000).state
    assert State.NOT_A_RECEIPT is look(bytes(2_000_000)).state
