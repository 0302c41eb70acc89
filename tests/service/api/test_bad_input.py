"""What must never be a crash, nor written: everything that people, cash registers and attackers send instead of what is asked for."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import cbor2
import pytest

from registry.receipts.base32 import from_base32, to_base32
from registry.receipts.number import with_check_digit
from registry.receipts.token import EXTERNAL_AAD
from service.web.language import LANGUAGES
from tests.service.api.presenting import euros, issued, problem, rows, signed, state, verify
from tests.service.conftest import House
from tests.world import TOWN, WINDOW

pytestmark = pytest.mark.database

HUGE = "1" + 30 * "0"
AREA = {"counter": WINDOW, "fee": "PREMISES"}
CERT = {"counter": WINDOW, "fee": "CERT"}


def area(value: object) -> dict[str, object]:
    return AREA | {"inputs": {"area": value}}


ISSUING: dict[str, tuple[Any, int, str, str | None]] = {
    # what is sent, status, code, and the code of the finding at inputs.area
    "no such fee": (CERT | {"fee": "NEVER"}, 404, "unknown_fee", None),
    "no such counter": (CERT | {"counter": "moon-1"}, 404, "unknown_place", None),
    "counter with U+0000": (CERT | {"counter": "xk\0town"}, 404, "unknown_place", None),
    "fee with U+0000": (CERT | {"fee": "CERT\0"}, 404, "unknown_fee", None),
    "fee not in force": (CERT | {"on": "2025-06-01", "on_reason": "Request of June"}, 409, "fee_not_in_force", None),
    "missing input": (AREA, 422, "input_refused", "missing_input"),
    "null input": (AREA | {"inputs": None}, 400, "bad_request", None),
    "extra input": (AREA | {"inputs": {"area": "1", "zone": "a"}}, 422, "input_refused", None),
    "input of a fee without any": (CERT | {"inputs": {"area": "1"}}, 422, "input_refused", None),
    "too much": (area("100000.01"), 422, "input_refused", "out_of_range"),
    "10^30": (area(HUGE), 422, "input_refused", "out_of_range"),
    "10^30 as a number": (AREA | {"inputs": {"area": 10**30}}, 400, "bad_request", None),
    "1e30": (area("1e30"), 422, "input_refused", "not_a_decimal"),
    "NaN": (area("NaN"), 422, "input_refused", "not_a_decimal"),
    "infinity": (area("Infinity"), 422, "input_refused", "not_a_decimal"),
    "negative": (area("-1"), 422, "input_refused", "out_of_range"),
    "minus nothing": (area("-0"), 422, "input_refused", "out_of_range"),
    "too many decimals": (area("1.001"), 422, "input_refused", "too_many_decimals"),
    "a comma": (area("1,5"), 422, "input_refused", "not_a_decimal"),
    "Arabic digits": (area("٣"), 422, "input_refused", "not_a_decimal"),
    "empty": (area(""), 422, "input_refused", "not_a_decimal"),
    "a yes where a number is asked for": (area(True), 422, "input_refused", "wrong_type"),
    "a list where a number is asked for": (area(["1"]), 400, "bad_request", None),
    "inputs that are no object": (AREA | {"inputs": "1"}, 400, "bad_request", None),
    "actual cost, too much": (CERT | {"fee": "COURIER", "inputs": {"cost": HUGE}}, 422, "input_refused", None),
    "a price": (CERT | {"price": "1.00"}, 400, "bad_request", None),
    "an amount": (CERT | {"amount": euros("1.00")}, 400, "bad_request", None),
    "a status": (CERT | {"status": "approved"}, 400, "bad_request", None),
    "a serial": (CERT | {"serial": 1}, 400, "bad_request", None),
    "a time of issue": (CERT | {"issued_at": "2020-01-01T00:00:00Z"}, 400, "bad_request", None),
    "void slip as a kind": (CERT | {"kind": "void_slip"}, 400, "bad_request", None),
    "unknown payment": (CERT | {"payment": "gold"}, 400, "bad_request", None),
    "tomorrow": (CERT | {"on": "2026-11-25", "on_reason": "Early"}, 422, "legal_date_refused", None),
    "yesterday without a reason": (CERT | {"on": "2026-11-23"}, 422, "legal_date_refused", None),
    "yesterday with an empty reason": (CERT | {"on": "2026-11-23", "on_reason": "  "}, 422, "legal_date_refused", None),
    "no such day": (CERT | {"on": "2026-02-30", "on_reason": "x"}, 400, "bad_request", None),
    "the year 1": (CERT | {"on": "0001-01-01", "on_reason": "x"}, 422, "legal_date_refused", None),
    "yesterday with a reason nobody can read": (CERT | {"on": "2026-11-23", "on_reason": "\0\x1b"}, 422, "legal_date_refused", None),
    "a reason too long": (CERT | {"on": "2026-11-23", "on_reason": "x" * 501}, 400, "bad_request", None),
    "a number for a counter": (CERT | {"counter": 1}, 400, "bad_request", None),
    "nothing": (None, 400, "bad_request", None),
    "a list": ([CERT], 400, "bad_request", None),
}


@pytest.mark.parametrize(("sent", "status", "code", "finding"), ISSUING.values(), ids=ISSUING.keys())
async def test_a_request_that_cannot_be_meant_is_refused_and_writes_nothing(
    common_house: House, sent: Any, status: int, code: str, finding: str | None
) -> None:
    before = await rows(common_house.database)
    answer = await common_house.client.post("/api/v1/receipts", json=sent, headers=common_house.as_("clerk"))
    assert (status, code) == problem(answer)
    if finding is not None:
        assert {"inputs.area": finding} == {each["path"]: each["code"] for each in answer.json()["findings"]}
    assert before == await rows(common_house.database)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"counter":', b"\xff\xfe", b'{"counter": NaN}', b'"\\ud800"', b'{"counter":"a","fee":"\\ud800"}',
        b"[" * 100_000, b"1" * 5000,
    ],
    ids=["empty", "open", "cut", "not UTF-8", "NaN", "lone surrogate", "lone surrogate in a member", "deep", "long number"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["receipts", "verify", "reports", "fees/xk-town/CERT/assess"])
async def test_a_body_that_is_no_json_is_refused(common_house: House, path: str, body: bytes) -> None:
    headers = common_house.as_("clerk") | {"Content-Type": "application/json"}
    before = await rows(common_house.database)
    answer = await common_house.client.post(f"/api/v1/{path}", content=body, headers=headers)
    assert (400, "bad_request") == problem(answer)
    assert before == await rows(common_house.database)


PAID: dict[str, tuple[object, int, str]] = {
    "another currency": ({"amount": "123.00", "currency": "MKD"}, 422, "paid_currency_mismatch"),
    "no currency there is": ({"amount": "2.00", "currency": "EUX"}, 422, "unknown_currency"),
    "currency in small letters": ({"amount": "2.00", "currency": "eur"}, 422, "unknown_currency"),
    "too many decimals": (euros("2.001"), 422, "malformed_amount"),
    "negative": (euros("-2.00"), 422, "malformed_amount"),
    "NaN": (euros("NaN"), 422, "malformed_amount"),
    "10^30": (euros(HUGE), 422, "malformed_amount"),
    "an exponent": (euros("2e0"), 422, "malformed_amount"),
    "a space": (euros(" 2.00"), 422, "malformed_amount"),
    "empty": (euros(""), 422, "malformed_amount"),
    "a number": ({"amount": 2, "currency": "EUR"}, 400, "bad_request"),
    "no currency": ({"amount": "2.00"}, 400, "bad_request"),
    "a text": ("2.00 EUR", 400, "bad_request"),
    "one member more": (euros("2.00") | {"exact": True}, 400, "bad_request"),
}


@pytest.mark.parametrize(("paid", "status", "code"), PAID.values(), ids=PAID.keys())
async def test_a_paid_amount_that_cannot_be_compared_is_refused(common_house: House, paid: object, status: int, code: str) -> None:
    """Checking and reporting alike; an amount in another currency is never converted."""
    receipt = (await issued(common_house))["qr_text"]
    before = await rows(common_house.database)
    for path in ("verify", "reports"):
        assert (status, code) == problem(await common_house.client.post(f"/api/v1/{path}", json={"receipt": receipt, "paid": paid}))
    assert before == await rows(common_house.database)


async def test_claimed_inputs_that_do_not_fit_the_fee_are_refused_with_their_place(common_house: House) -> None:
    receipt = (await issued(common_house, "PREMISES", {"area": "10"}))["qr_text"]
    answer = await common_house.client.post("/api/v1/verify", json={"receipt": receipt, "inputs": {"area": HUGE}})
    assert (422, "input_refused") == problem(answer)
    assert ["inputs.area"] == [each["path"] for each in answer.json()["findings"]]


@pytest.mark.parametrize("member", ["status", "state", "amount", "published", "seen"])
async def test_a_check_takes_nothing_but_what_it_asks_for(common_house: House, member: str) -> None:
    assert (400, "bad_request") == problem(await common_house.client.post("/api/v1/verify", json={"receipt": "x", member: "match"}))


NUMBER = with_check_digit("987654321012345")
NUMBERS: dict[str, tuple[str, str]] = {
    "wrong check digit": ("1111111111111111", "check_digit"),
    "neighbours swapped": (NUMBER[:3] + NUMBER[4:2:-1] + NUMBER[5:], "check_digit"),
    "one digit short": (NUMBER[:-1], "length"),
    "one digit more": (NUMBER + "0", "length"),
    "twice": (NUMBER * 2, "length"),
}


@pytest.mark.parametrize(("number", "why"), NUMBERS.values(), ids=NUMBERS.keys())
async def test_a_number_that_is_none_says_what_is_wrong_with_it(common_house: House, number: str, why: str) -> None:
    answer = await common_house.client.post("/api/v1/verify", json={"receipt": number})
    assert (400, "malformed_number") == problem(answer)
    assert why == answer.json()["detail"]


# Tokens


def payload_changed(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The envelope around another payload, signature and all."""
    protected, unprotected, payload, signature = cbor2.loads(raw).value
    return b"\xd2" + cbor2.dumps([protected, unprotected, change(payload), signature])


def long_integer(payload: bytes) -> bytes:
    """The label 6 in two bytes where one is enough."""
    assert b"\xa3\x06" == payload[:2]
    return b"\xa3\x18\x06" + payload[2:]


def duplicate_key(payload: bytes) -> bytes:
    """The time of issue twice, the second one the attacker's."""
    items = cbor2.loads(payload)
    return b"\xa4\x06" + cbor2.dumps(items[6]) + payload[1:]


def indefinite(payload: bytes) -> bytes:
    return b"\xbf" + payload[1:] + b"\xff"


def unsorted(payload: bytes) -> bytes:
    items = cbor2.loads(payload)
    return cbor2.dumps({7: items[7], 6: items[6], -65537: items[-65537]})


MANGLED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "truncated": (lambda raw: raw[:-1], "not_a_receipt"),
    "only its beginning": (lambda raw: raw[:20], "not_a_receipt"),
    "one byte more": (lambda raw: raw + b"\0", "not_a_receipt"),
    "a bit of the signature": (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "not_genuine"),
    "a bit of the amount": (lambda raw: raw.replace(b"\x18\xc8cEUR", b"\x18\xc9cEUR"), "not_genuine"),
    "a bit of the key's id": (lambda raw: raw[:10] + bytes([raw[10] ^ 1]) + raw[11:], "unknown_key"),
    "a long integer": (lambda raw: payload_changed(raw, long_integer), "not_genuine"),
    "a duplicate key": (lambda raw: payload_changed(raw, duplicate_key), "not_genuine"),
    "an indefinite map": (lambda raw: payload_changed(raw, indefinite), "not_genuine"),
    "keys in another order": (lambda raw: payload_changed(raw, unsorted), "not_genuine"),
    "trailing bytes in the payload": (lambda raw: payload_changed(raw, lambda payload: payload + b"\0"), "not_genuine"),
    "without its tag": (lambda raw: raw[1:], "not_a_receipt"),
    "another tag": (lambda raw: b"\xd1" + raw[1:], "not_a_receipt"),
    "513 bytes": (lambda raw: raw + bytes(513 - len(raw)), "not_a_receipt"),
    "nested": (lambda raw: b"\xd2" + b"\x81" * 400, "not_a_receipt"),
}


@pytest.mark.parametrize(("mangle", "expected"), MANGLED.values(), ids=MANGLED.keys())
async def test_a_token_that_was_changed_is_never_good_and_never_an_error(
    common_house: House, mangle: Callable[[bytes], bytes], expected: str
) -> None:
    raw = from_base32((await issued(common_house))["token"])[0]
    changed = mangle(raw)
    assert raw != changed
    before = await rows(common_house.database)
    found = await state(common_house, to_base32(changed))
    # Bytes left over or cut off are either no receipt or a changed one; both are red or grey, and the vectors say which.
    assert found == expected if expected != "not_a_receipt" else found in ("not_a_receipt", "not_genuine")
    assert before == await rows(common_house.database)


async def test_every_single_flipped_bit_is_noticed(common_house: House) -> None:
    """Three in every byte: not one changed token is a receipt."""
    raw = from_base32((await issued(common_house))["token"])[0]
    flipped = [raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :] for at in range(len(raw)) for bit in range(0, 8, 3)]
    states = {await state(common_house, to_base32(each)) for each in flipped}
    assert {"not_a_receipt", "unknown_key", "key_revoked", "not_genuine"} == states, "a changed day may lie outside the key's years"


async def test_a_loose_tail_is_another_text_and_refused(common_house: House) -> None:
    """The unused bits of the last letter: the same bytes, another spelling. Fee codes of five lengths give every length of tail."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    loosened = 0
    for length in range(1, 6):
        token = (await signed(common_house, fee="F" * length, stored=False)).rpartition("/")[2]
        if 5 * len(token) % 8:
            loosened += 1
            assert "not_genuine" == await state(common_house, token[:-1] + letters[letters.index(token[-1]) | 1])
        assert "unrecorded" == await state(common_house, token)
    assert 4 == loosened


@pytest.mark.parametrize("newer", ["label", "kind", "claim_count"])
async def test_a_token_newer_than_our_facts_is_unknown_and_a_forged_one_not_genuine(common_house: House, newer: str) -> None:
    """A later format, signed by a key we know: refresh and try again. The same with a bad signature is a forgery."""
    signer = common_house.world.signers[TOWN]
    protected, unprotected, payload, signature = cbor2.loads(from_base32((await issued(common_house))["token"])[0]).value
    items = cbor2.loads(payload)
    if newer == "label":
        items = {6: items[6], 7: items[7], -65538: items[-65537]}
    else:
        items[-65537] = [9, *items[-65537][1:]] if newer == "kind" else [*items[-65537], 0]
    payload = cbor2.dumps(items)
    sealed = signer.private.sign(cbor2.dumps(["Signature1", protected, EXTERNAL_AAD, payload]))
    for seal, expected in ((sealed, "unknown_key"), (signature, "not_genuine")):
        text = to_base32(b"\xd2" + cbor2.dumps([protected, unprotected, payload, seal]))
        verdict = await verify(common_house, text)
        assert (expected, None) == (verdict["state"], verdict["receipt"])


async def test_the_address_may_be_in_any_case_and_percent_encoded_as_a_whole(common_house: House) -> None:
    """What messengers, browsers and chat programs make of an address; the receipt stays the same."""
    text = (await issued(common_house))["qr_text"]
    for spelt in (text.lower(), quote(text, safe=""), quote(text.lower(), safe=""), f"  {text}\n", text + "?lang=sq", text.split("://")[1]):
        assert "match" == await state(common_house, spelt), spelt


async def test_our_token_under_a_foreign_host_and_foreign_codes_are_no_receipts(common_house: House) -> None:
    token = (await issued(common_house))["token"]
    for host in (
        "https://evil.example",
        "https://fees.example.evil",
        "https://fees.example@evil.example",
        "http://[::1",
        "https://fees.example:444",
    ):
        verdict = await verify(common_house, f"{host}/R/{token}")
        assert "not_a_receipt" == verdict["state"], host
    for text in ("BEGIN:VCARD\nFN:Ada", "otpauth://totp/a?secret=B", "https://fees.example/check", "☃", "\0", "%", "%zz", "../" * 50):
        assert "not_a_receipt" == await state(common_house, text), text


async def test_a_token_of_two_megabytes_is_too_large_and_one_of_half_a_megabyte_no_receipt(common_house: House) -> None:
    before = await rows(common_house.database)
    answer = await common_house.client.post("/api/v1/verify", json={"receipt": "A" * 2_000_000})
    assert (413, "too_large") == problem(answer)
    assert "not_a_receipt" == await state(common_house, "A" * 500_000)
    assert "not_a_receipt" == await state(common_house, "%41" * 100_000)
    in_path = await common_house.client.get(f"/api/v1/verify/{'A' * 60_000}")
    assert (200, "not_a_receipt") == (in_path.status_code, in_path.json()["state"])
    assert before == await rows(common_house.database)


REPORTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing to go on": ({}, 422, "report_incomplete"),
    "no such authority": ({"authority": "moon"}, 404, "unknown_place"),
    "no such office": ({"authority": TOWN, "office": "moon"}, 404, "unknown_place"),
    "no such fee": ({"authority": TOWN, "fee": "NEVER"}, 404, "unknown_fee"),
    "in the future": ({"authority": TOWN, "happened_on": "2026-12-31"}, 422, "happened_in_future"),
    "too many words": ({"authority": TOWN, "text": "x" * 4001}, 422, "text_too_long"),
    "a language we do not speak": ({"authority": TOWN, "language": "xx"}, 400, "bad_request"),
    "a status": ({"authority": TOWN, "status": "answered"}, 400, "bad_request"),
    "a wrong number": ({"receipt": "1111 1111 1111 1111"}, 400, "malformed_number"),
    "an authority with U+0000": ({"authority": "xk\0town"}, 404, "unknown_place"),
}


@pytest.mark.parametrize(("sent", "status", "code"), REPORTS.values(), ids=REPORTS.keys())
async def test_a_report_that_cannot_be_kept_is_refused(common_house: House, sent: dict[str, Any], status: int, code: str) -> None:
    before = await rows(common_house.database)
    assert (status, code) == problem(await common_house.client.post("/api/v1/reports", json=sent))
    assert before == await rows(common_house.database)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [("1" * 24, 400, "malformed_follow_code"), ("1" * 25, 404, "unknown_follow_code"), ("\0", 400, "malformed_follow_code")],
)
async def test_a_follow_code_that_is_none_and_one_that_nobody_has(common_house: House, code: str, status: int, expected: str) -> None:
    for path, body in (("follow", {"code": code}), ("follow/messages", {"code": code, "text": "Hello"})):
        assert (status, expected) == problem(await common_house.client.post(f"/api/v1/reports/{path}", json=body))


FEES: dict[str, tuple[str, int, str]] = {
    "no such authority": ("/api/v1/fees/moon/CERT", 404, "unknown_place"),
    "no such fee": ("/api/v1/fees/xk-town/NEVER", 404, "unknown_fee"),
    "before it was in force": ("/api/v1/fees/xk-town/CERT?on=2025-01-01", 409, "fee_not_in_force"),
    "before it was known": ("/api/v1/fees/xk-town/CERT?known_at=2020-01-01T00:00:00Z", 409, "fee_not_in_force"),
    "no such day": ("/api/v1/fees/xk-town/CERT?on=2026-02-30", 400, "bad_request"),
    "no such moment": ("/api/v1/fees/xk-town/CERT?known_at=soon", 400, "bad_request"),
    "a limit of nothing": ("/api/v1/fees?limit=0", 400, "bad_request"),
    "a limit too high": ("/api/v1/fees?limit=201", 400, "bad_request"),
    "a limit of 10^30": (f"/api/v1/fees?limit={HUGE}", 400, "bad_request"),
    "authority of the list": ("/api/v1/fees?authority=moon", 404, "unknown_place"),
    "no such path": ("/api/v1/moon", 404, "not_found"),
}


@pytest.mark.parametrize(("path", "status", "code"), FEES.values(), ids=FEES.keys())
async def test_a_question_about_fees_that_has_no_answer(common_house: House, path: str, status: int, code: str) -> None:
    assert (status, code) == problem(await common_house.client.get(path))


async def test_days_at_the_ends_of_the_calendar_are_days_like_others(common_house: House) -> None:
    for query in ("on=0001-01-01", "on=9999-12-31", "known_at=0001-01-01T00:00:00%2B14:00", "known_at=9999-12-31T23:59:59-14:00"):
        for path in ("/api/v1/fees", "/api/v1/fees/xk-town/CERT"):
            assert (await common_house.client.get(f"{path}?{query}")).status_code in (200, 409), query


async def test_a_wrong_method_is_refused(common_house: House) -> None:
    assert (405, "method_not_allowed") == problem(await common_house.client.delete("/api/v1/fees"))


SEEN_BY_PEOPLE = {
    "unknown_fee": ({"path": "/api/v1/fees/xk-town/NEVER"}),
    "fee_not_in_force": ({"path": "/api/v1/fees/xk-town/CERT?on=2025-01-01"}),
    "input_refused": ({"path": "/api/v1/fees/xk-town/PREMISES/assess", "json": {"inputs": {}}}),
    "malformed_number": ({"path": "/api/v1/verify", "json": {"receipt": "1111111111111111"}}),
    "malformed_amount": ({"path": "/api/v1/verify", "json": {"receipt": "x", "paid": euros("NaN")}}),
    "unknown_currency": ({"path": "/api/v1/verify", "json": {"receipt": "x", "paid": {"amount": "1", "currency": "EUX"}}}),
    "too_large": ({"path": "/api/v1/verify", "json": {"receipt": "A" * 2_000_000}}),
    "bad_request": ({"path": "/api/v1/verify", "json": []}),
    "report_incomplete": ({"path": "/api/v1/reports", "json": {}}),
    "unknown_follow_code": ({"path": "/api/v1/reports/follow", "json": {"code": "1" * 25}}),
    "not_signed_in": ({"path": "/api/v1/cases"}),
}


@pytest.mark.parametrize(("code", "call"), SEEN_BY_PEOPLE.items(), ids=SEEN_BY_PEOPLE.keys())
async def test_a_refusal_speaks_the_readers_language(common_house: House, code: str, call: dict[str, Any]) -> None:
    """The code is the same, the title is theirs: four languages, four titles."""
    titles = set()
    for language in LANGUAGES:
        method = "POST" if "json" in call else "GET"
        answer = await common_house.client.request(method, call["path"], json=call.get("json"), headers={"Accept-Language": language})
        assert (code, language) == (problem(answer)[1], answer.headers["Content-Language"])
        titles.add(answer.json()["title"])
    assert len(LANGUAGES) == len(titles)


async def test_states_that_are_no_receipt_speak_the_readers_language_too(common_house: House) -> None:
    for text in ("hello", f"https://evil.example/R/{(await issued(common_house))['token']}", with_check_digit("1" * 15)):
        headlines = set()
        for language in LANGUAGES:
            answer = await common_house.client.post("/api/v1/verify", json={"receipt": text}, headers={"Accept-Language": language})
            headlines.add(answer.json()["headline"])
        assert len(LANGUAGES) == len(headlines)


async def test_a_void_that_cannot_be_meant_is_refused(common_house: House) -> None:
    number = (await issued(common_house))["number"]
    before = await rows(common_house.database)
    headers = common_house.as_("clerk")
    for body, status, code in (
        ({"reason": "mood"}, 400, "bad_request"),
        ({}, 400, "bad_request"),
        ({"reason": "other", "note": "x" * 501}, 400, "bad_request"),
        ({"reason": "other", "status": "voided"}, 400, "bad_request"),
    ):
        assert (status, code) == problem(await common_house.client.post(f"/api/v1/receipts/{number}/void", json=body, headers=headers))
    for path, status, code in (
        (with_check_digit("1" * 15), 404, "unknown_receipt"),
        ("1111111111111111", 400, "malformed_number"),
        ("%00", 400, "malformed_number"),
    ):
        answer = await common_house.client.post(f"/api/v1/receipts/{path}/void", json={"reason": "other"}, headers=headers)
        assert (status, code) == problem(answer)
    assert before == await rows(common_house.database)


@pytest.mark.parametrize("case_id", ["%00", "x" * 5000, "..%2F", "'", "č"])
async def test_a_case_that_never_was_is_unknown_however_it_is_spelt(common_house: House, case_id: str) -> None:
    headers = common_house.as_("inspector")
    step = {"type": "question", "text": "When?", "version": 10**18}
    # PostgreSQL refuses to be asked for U+0000 at all.
    expected = (400, 404) if case_id == "%00" else (404,)
    assert (await common_house.client.get(f"/api/v1/cases/{case_id}", headers=headers)).status_code in expected
    assert (await common_house.client.post(f"/api/v1/cases/{case_id}/events", json=step, headers=headers)).status_code in expected


@pytest.mark.parametrize("cursor", ["x", "9999-99-99.abcdefghijklmnopqrst", "%00", "0001-01-01.abcdefghijklmnopqrst"])
async def test_a_cursor_nobody_gave_out_is_refused_or_empty(common_house: House, cursor: str) -> None:
    answer = await common_house.client.get(f"/api/v1/cases?cursor={cursor}", headers=common_house.as_("inspector"))
    assert answer.status_code in (200, 400)


async def test_a_step_on_a_version_beyond_all_integers_is_stale(common_house: House) -> None:
    receipt = (await issued(common_house))["qr_text"]
    filed = await common_house.client.post("/api/v1/reports", json={"receipt": receipt, "paid": euros("5.00")})
    assert 201 == filed.status_code
    headers = common_house.as_("inspector")
    case = (await common_house.client.get("/api/v1/cases", headers=headers)).json()["items"][0]["id"]
    before = await rows(common_house.database)
    for version in (10**18, -1, 2**63):
        step = {"type": "question", "text": "When?", "version": version}
        answer = await common_house.client.post(f"/api/v1/cases/{case}/events", json=step, headers=headers)
        assert answer.status_code in (400, 409), answer.text
    for step in ({"type": "question", "text": "a\0b", "report": "\0", "version": 1}, {"type": "\0", "version": 1}):
        assert (await common_house.client.post(f"/api/v1/cases/{case}/events", json=step, headers=headers)).status_code in (400, 409)
    assert before == await rows(common_house.database)


async def test_an_idempotency_key_too_long_or_unreadable_is_refused(common_house: House) -> None:
    before = await rows(common_house.database)
    headers = common_house.as_("clerk")
    for key in ("x" * 201, "a\0b"):
        answer = await common_house.client.post("/api/v1/receipts", json=CERT, headers=headers | {"Idempotency-Key": key})
        assert (400, "bad_request") == problem(answer)
    assert before == await rows(common_house.database)
