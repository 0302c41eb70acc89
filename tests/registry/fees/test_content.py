"""One fee version: read strictly with every finding, written canonically, hashed by meaning."""

import json
from hashlib import sha256

import pytest

from registry.errors import MalformedFee
from registry.fees.content import FeeContent, canonical_bytes, content_hash, parse_content, to_json
from tests.registry.fees.sample_fees import Json, choice, component, concession, day, fee, fee_json, flat, money, number, yes_no

FULL: Json = fee_json(
    {"type": "per_unit", "rate": "2.80", "of": "area", "part": "prorate"},
    [
        number("area", 2, unit="m2", minimum="0", maximum="100000"),
        choice("zone", "a1", "a2"),
        yes_no("pensioner"),
        money("claim"),
        day("built"),
    ],
    service={"en": "Building permits", "mk": "Градежни дозволи"},
    description={"sq": "Leje ndërtimi\nme dy rreshta"},
    concessions=[
        concession("pensioner", {"type": "percent", "rate": "50"}, 1),
        concession("pensioner", {"type": "free"}, 2),
        concession("pensioner", {"type": "replace", "rule": flat("1.00")}, 3),
    ],
    rounding={"increment": "0.05", "mode": "half_even", "stage": "component"},
    valid_to="2027-01-01",
    worked_examples=[
        {
            "inputs": {"area": "120.50", "zone": "a1", "pensioner": False, "claim": "0.00", "built": "1999-05-01"},
            "amount": "337.40",
        }
    ],
)


def findings(changed: Json) -> list[tuple[str, str]]:
    """Where and what is wrong with a good fee after a change."""
    with pytest.raises(MalformedFee) as refused:
        parse_content(FULL | changed)
    return [(finding.path, finding.code) for finding in refused.value.findings]


def test_what_is_written_is_read_again_the_same() -> None:
    content = parse_content(FULL)
    assert content == parse_content(to_json(content))
    assert content == parse_content(json.loads(canonical_bytes(content)))


def test_what_may_be_left_out_may_be_null_as_well() -> None:
    nulls = {"service": None, "description": None, "concessions": None, "rounding": None, "worked_examples": None, "valid_to": None}
    without = {name: value for name, value in FULL.items() if name not in nulls}
    assert parse_content(without) == parse_content(without | nulls)
    assert {"increment": "0.01", "mode": "half_up", "stage": "total"} == to_json(parse_content(without))["rounding"]


def test_the_hash_is_of_the_meaning_and_not_of_the_spelling() -> None:
    one = fee(flat("2"))
    other = parse_content({"worked_examples": [], **dict(reversed(fee_json(flat("2.00"), service=None).items()))})
    assert content_hash(one) == content_hash(other)
    assert content_hash(one) != content_hash(fee(flat("2.01")))
    assert content_hash(one) == sha256(canonical_bytes(one)).hexdigest()


def test_the_hash_of_a_known_fee_never_changes() -> None:
    """Published hashes bind approvals: a change of the canonical form would break every one of them."""
    assert "9bcc121bf217b706a1ad7c314ab5a4f7e28e6cd7edb04dec880e9cfee970a09f" == content_hash(fee(flat("2")))


def test_no_float_and_no_null_but_the_open_ends_reach_the_canonical_form() -> None:
    def walk(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        else:
            assert value is None or type(value) in (str, int, bool)

    walk(to_json(parse_content(FULL)))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"authority": "XK Prishtina"}, [("authority", "wrong_shape")]),
        ({"authority": None}, [("authority", "missing_member")]),
        ({"code": "cit-cert"}, [("code", "wrong_shape")]),
        ({"code": "A" * 17}, [("code", "wrong_shape")]),
        ({"code": "-A"}, [("code", "wrong_shape")]),
        ({"code": "Č"}, [("code", "wrong_shape")]),
        ({"code": 5}, [("code", "wrong_shape")]),
        ({"name": {}}, [("name", "missing_language")]),
        ({"name": {"en": None}}, [("name", "missing_language")]),
        ({"name": {"de": "Gebühr"}}, [("name.de", "unknown_member")]),
        ({"name": "Certificate"}, [("name", "not_an_object")]),
        ({"name": {"en": ""}}, [("name.en", "empty_text")]),
        ({"name": {"en": "x" * 301}}, [("name.en", "too_long")]),
        ({"name": {"en": "a\x00"}}, [("name.en", "bad_characters")]),
        ({"service": {"en": 5}}, [("service.en", "not_a_text")]),
        ({"currency": "DEM"}, [("currency", "unknown_currency")]),
        ({"currency": 978}, [("currency", "unknown_currency")]),
        ({"components": []}, [("components", "empty_list")]),
        ({"components": [component(flat("1"))] * 13}, [("components", "too_many")]),
        ({"components": [component(flat("1"), "rounding")]}, [("components[0].kind", "reserved_kind")]),
        ({"components": [component(flat("1"), "concession")]}, [("components[0].kind", "reserved_kind")]),
        ({"components": [component(flat("1"), "Fee")]}, [("components[0].kind", "wrong_shape")]),
        ({"components": [component(flat("1"), account=1000)]}, [("components[0].account", "not_a_text")]),
        ({"components": [component(flat("1"), payee="x")]}, [("components[0].payee", "unknown_member")]),
        ({"components": [{"kind": "fee", "label": {"en": "fee"}}]}, [("components[0].rule", "missing_member")]),
        (
            {"components": [flat("1")]},
            [(f"components[0].{name}", "missing_member") for name in ("kind", "label", "rule")]
            + [(f"components[0].{name}", "unknown_member") for name in ("type", "amount")],
        ),
        ({"concessions": [concession("child", {"type": "free"})]}, [("concessions[0].when", "unknown_input")]),
        ({"concessions": [concession("area", {"type": "free"})]}, [("concessions[0].when", "unknown_input")]),
        ({"concessions": [concession("pensioner", {"type": "half"})]}, [("concessions[0].effect.type", "unknown_word")]),
        ({"concessions": [concession("pensioner", {"type": "free", "rate": "5"})]}, [("concessions[0].effect.rate", "unknown_member")]),
        ({"concessions": [concession("pensioner", {"type": "percent", "rate": "100.5"})]}, [("concessions[0].effect.rate", "too_large")]),
        ({"concessions": [concession("pensioner", {"type": "percent"})]}, [("concessions[0].effect.rate", "missing_member")]),
        ({"concessions": [concession("pensioner", {"type": "replace"})]}, [("concessions[0].effect.rule", "missing_member")]),
        ({"concessions": [concession("pensioner", {"type": "free"})] * 2}, [("concessions[1].priority", "duplicate")]),
        ({"concessions": [concession("pensioner", {"type": "free"}, 0)]}, [("concessions[0].priority", "out_of_range")]),
        ({"rounding": {"increment": "0.001"}}, [("rounding.increment", "too_many_decimals")]),
        ({"rounding": {"increment": "0"}}, [("rounding.increment", "not_positive")]),
        ({"rounding": {"increment": 1}}, [("rounding.increment", "not_a_decimal")]),
        ({"rounding": {"mode": "bankers"}}, [("rounding.mode", "unknown_word")]),
        ({"rounding": {"stage": "line"}}, [("rounding.stage", "unknown_word")]),
        ({"rounding": "0.01"}, [("rounding", "not_an_object")]),
        ({"legal_basis": None}, [("legal_basis", "missing_member")]),
        ({"legal_basis": {"pinpoint": "art. 4"}}, [("legal_basis.citation", "missing_member")]),
        ({"legal_basis": {"citation": "Law", "uri": "javascript:alert(1)"}}, [("legal_basis.uri", "wrong_shape")]),
        ({"legal_basis": {"citation": "Law", "url": "https://x"}}, [("legal_basis.url", "unknown_member")]),
        ({"valid_from": None}, [("valid_from", "missing_member")]),
        ({"valid_from": "1.1.2026"}, [("valid_from", "not_a_date")]),
        ({"valid_from": "2026-02-30"}, [("valid_from", "not_a_date")]),
        ({"valid_to": "2026-01-01"}, [("valid_to", "empty_period")]),
        ({"valid_to": 2027}, [("valid_to", "not_a_date")]),
        ({"reason": None}, [("reason", "missing_member")]),
        ({"status": "approved"}, [("status", "unknown_member")]),
        ({"inputs": {}}, [("inputs", "not_a_list")]),
        ({"worked_examples": [{"amount": "1"}]}, [("worked_examples[0].inputs", "missing_member")]),
        ({"worked_examples": [{"inputs": [], "amount": "1"}]}, [("worked_examples[0].inputs", "not_an_object")]),
    ],
    ids=lambda value: str(value)[:70],
)
def test_what_is_wrong_is_found_where_it_is(changed: Json, expected: list[tuple[str, str]]) -> None:
    assert expected == findings(changed)


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ({"inputs": {"zone": "a1", "claim": "0", "built": "2000-01-01"}, "amount": "1"}, [("inputs.area", "missing_input")]),
        ({"inputs": {"area": "1", "zone": "a9", "claim": "0", "built": "2000-01-01"}, "amount": "1"}, [("inputs.zone", "unknown_choice")]),
        ({"inputs": {"area": "1", "zone": "a1", "claim": "0", "built": "2000-01-01"}, "amount": "1.005"}, [("amount", "malformed_amount")]),
        ({"inputs": {"area": "1", "zone": "a1", "claim": "0", "built": "2000-01-01"}, "amount": 1}, [("amount", "not_a_decimal")]),
        ({"inputs": {"area": "1", "zone": "a1", "claim": "0", "built": "2000-01-01"}, "total": "1"}, [("total", "unknown_member")]),
    ],
    ids=str,
)
def test_a_worked_example_must_fit_the_inputs(example: Json, expected: list[tuple[str, str]]) -> None:
    assert [(f"worked_examples[0].{path}", code) for path, code in expected] == findings({"worked_examples": [example]})


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (number("Area"), [("name", "wrong_shape")]),
        (number("area", label={}), [("label", "missing_language")]),
        (number("area", kind="float"), [("kind", "unknown_word")]),
        (number("area", decimals="2"), [("decimals", "not_an_integer")]),
        (number("area", 7), [("decimals", "out_of_range")]),
        (number("area", 1, minimum="0.05"), [("minimum", "too_many_decimals")]),
        (number("area", minimum=0), [("minimum", "not_a_decimal")]),
        (number("area", minimum="-5"), [("minimum", "not_a_decimal")]),
        (number("area", minimum="5", maximum="4"), [("maximum", "below_minimum")]),
        (number("area", 6, maximum="9999999999"), [("maximum", "too_large")]),
        (number("area", choices=[]), [("choices", "unknown_member")]),
        (money("claim", decimals=3), [("decimals", "out_of_range")]),
        (choice("zone"), [("choices", "empty_list")]),
        (choice("zone", "a1", "a1"), [("choices[1].code", "duplicate")]),
        (choice("zone", "a 1"), [("choices[0].code", "wrong_shape")]),
        (choice("zone", "a1") | {"decimals": 0}, [("decimals", "unknown_member")]),
        (yes_no("pensioner") | {"minimum": "0"}, [("minimum", "unknown_member")]),
        (day("built", minimum="yesterday"), [("minimum", "not_a_date")]),
        (day("built", minimum="2026-01-02", maximum="2026-01-01"), [("maximum", "below_minimum")]),
    ],
    ids=lambda value: str(value)[:70],
)
def test_a_declared_input_must_make_sense(declared: Json, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(MalformedFee) as refused:
        parse_content(fee_json(inputs=[declared]))
    assert [(f"inputs[0].{path}", code) for path, code in expected] == [(finding.path, finding.code) for finding in refused.value.findings]


def test_two_inputs_do_not_share_a_name() -> None:
    assert ("inputs[5].name", "duplicate") in findings({"inputs": [*list_of(FULL["inputs"]), number("area")]})


def list_of(data: object) -> list[object]:
    return data if isinstance(data, list) else []


def test_broken_inputs_are_reported_once_and_not_wherever_they_are_used() -> None:
    assert [("inputs[0].kind", "unknown_word")] == findings({"inputs": [number("area") | {"kind": "length", "decimals": None}]})


@pytest.mark.parametrize("data", [None, 5, "fee", [], [FULL]], ids=str)
def test_what_is_no_object_is_no_fee(data: object) -> None:
    with pytest.raises(MalformedFee) as refused:
        parse_content(data, "fees[3]")
    assert [("fees[3]", "not_an_object")] == [(finding.path, finding.code) for finding in refused.value.findings]


def test_the_path_of_the_file_stands_before_every_finding() -> None:
    with pytest.raises(MalformedFee) as refused:
        parse_content(FULL | {"reason": 5, "name": None}, "fees[3]")
    assert ["fees[3].name", "fees[3].reason"] == [finding.path for finding in refused.value.findings]
    assert "fees[3].name: must be given; fees[3].reason: must be a text" == str(refused.value)


def test_a_fee_without_inputs_is_a_fee() -> None:
    content = fee(flat("2"))
    assert isinstance(content, FeeContent)
    assert () == content.inputs
