"""Rules are read strictly, with a path in every finding, and written canonically."""

import pytest

from registry.errors import MalformedFee
from registry.fees.content import parse_content
from registry.fees.rule import DEEPEST, MOST_NODES, MOST_REFERENCES
from registry.fees.rule_json import parse_rule, rule_to_json
from tests.registry.fees.sample_fees import Json, bands, choice, component, day, fee_json, flat, money, number, yes_no

INPUTS = [number("area", 2), money("claim"), choice("zone", "a1", "a2"), choice("use", "shop", "depot"), yes_no("pensioner"), day("built")]
DECLARED = parse_content(fee_json(inputs=INPUTS)).inputs


def findings(rule: object) -> list[tuple[str, str]]:
    """Where and what is wrong with a rule: (path, code) of each finding."""
    with pytest.raises(MalformedFee) as refused:
        parse_rule(rule, DECLARED, 2)
    return [(finding.path, finding.code) for finding in refused.value.findings]


WRONG_NUMBERS: list[tuple[object, str]] = [
    (35, "not_a_decimal"),
    (35.0, "not_a_decimal"),
    (True, "not_a_decimal"),
    (["35"], "not_a_decimal"),
    ("", "not_a_decimal"),
    ("3 5", "not_a_decimal"),
    ("35,00", "not_a_decimal"),
    ("-35", "not_a_decimal"),
    ("+35", "not_a_decimal"),
    ("035", "not_a_decimal"),
    ("3.5e1", "not_a_decimal"),
    ("NaN", "not_a_decimal"),
    ("Infinity", "not_a_decimal"),
    ("35.", "not_a_decimal"),
    (".5", "not_a_decimal"),
    ("٣٥", "not_a_decimal"),
    ("1" + "0" * 30, "too_large"),
    ("9" * 1_000_000, "too_large"),
    ("1.0000001", "too_many_decimals"),
    ("0", "not_positive"),
    ("0.00", "not_positive"),
]


@pytest.mark.parametrize(("written", "code"), WRONG_NUMBERS, ids=lambda value: repr(value)[:20])
def test_a_number_must_be_a_plain_decimal_string(written: object, code: str) -> None:
    """No JSON number, however whole: half of all readers would make a float of it."""
    assert [("rule.rate", code)] == findings({"type": "per_unit", "rate": written, "of": "area"})


def test_the_messages_are_the_technical_ones() -> None:
    rule = bands("claim", ("300", flat("35")), ("300.00", {"type": "flat", "amount": 50}))
    with pytest.raises(MalformedFee) as refused:
        parse_content(fee_json(components=[component(flat("1")), component(rule)], inputs=INPUTS))
    assert [
        "components[1].rule.bands[1].up_to: must be above 300.00",
        "components[1].rule.bands[1].rule.amount: must be a decimal string",
    ] == [str(finding) for finding in refused.value.findings]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("flat", [("rule", "not_an_object")]),
        ([], [("rule", "not_an_object")]),
        (None, [("rule", "not_an_object")]),
        ({}, [("rule.type", "missing_member")]),
        ({"type": None}, [("rule.type", "missing_member")]),
        ({"type": "formula", "code": "1+1"}, [("rule.type", "unknown_type")]),
        ({"type": ["flat"]}, [("rule.type", "unknown_type")]),
        ({"type": "flat"}, [("rule.amount", "missing_member")]),
        ({"type": "flat", "amount": "2.005"}, [("rule.amount", "too_many_decimals")]),
        ({"type": "flat", "amount": "0"}, [("rule.amount", "not_positive")]),
        (flat("2") | {"currency": "EUR"}, [("rule.currency", "unknown_member")]),
        ({"type": "free", "amount": "0"}, [("rule.amount", "unknown_member")]),
        ({"type": "free", "\n": 1}, [("rule.\\n", "unknown_member")]),
        ({"type": "percent", "rate": "5", "of": "area"}, [("rule.of", "wrong_input_kind")]),
        ({"type": "percent", "rate": "5", "of": "value"}, [("rule.of", "unknown_input")]),
        ({"type": "percent", "rate": "5", "of": 1}, [("rule.of", "not_a_text")]),
        ({"type": "percent"}, [("rule.rate", "missing_member"), ("rule.of", "missing_member")]),
        ({"type": "per_unit", "rate": "5", "of": "zone"}, [("rule.of", "wrong_input_kind")]),
        ({"type": "per_unit", "rate": "5", "of": "built"}, [("rule.of", "wrong_input_kind")]),
        ({"type": "per_unit", "rate": "5", "of": "area", "part": "floor"}, [("rule.part", "unknown_word")]),
        ({"type": "per_unit", "rate": "5", "of": "area", "unit_size": "0"}, [("rule.unit_size", "not_positive")]),
        ({"type": "actual_cost", "of": "area"}, [("rule.of", "wrong_input_kind")]),
        ({"type": "not_computable", "text": " "}, [("rule.text", "empty_text")]),
        ({"type": "not_computable", "text": 5}, [("rule.text", "not_a_text")]),
        ({"type": "not_computable", "text": "a\ud800"}, [("rule.text", "bad_characters")]),
        ({"type": "not_computable", "text": "a\u202eb"}, [("rule.text", "bad_characters")]),
        ({"type": "not_computable", "text": "x" * 2001}, [("rule.text", "too_long")]),
        ({"type": "round", "rule": flat("2"), "increment": "1", "mode": "nearest"}, [("rule.mode", "unknown_word")]),
        ({"type": "round", "rule": flat("2")}, [("rule.increment", "missing_member"), ("rule.mode", "missing_member")]),
        ({"type": "sum", "rules": []}, [("rule.rules", "empty_list")]),
        ({"type": "sum", "rules": {}}, [("rule.rules", "not_a_list")]),
        ({"type": "max_of"}, [("rule.rules", "missing_member")]),
        ({"type": "min_of", "rules": [flat("1"), 5]}, [("rule.rules[1]", "not_an_object")]),
        ({"type": "clamp", "rule": flat("2")}, [("rule.minimum", "missing_member")]),
        ({"type": "clamp", "rule": flat("2"), "minimum": "5", "maximum": "4.99"}, [("rule.maximum", "below_minimum")]),
        ({"type": "clamp", "minimum": "5"}, [("rule.rule", "missing_member")]),
        ({"type": "percent_of_fee", "fee": "a fee", "version": 1, "rate": "50"}, [("rule.fee", "wrong_shape")]),
        ({"type": "percent_of_fee", "fee": "A", "version": 0, "rate": "50"}, [("rule.version", "out_of_range")]),
        ({"type": "percent_of_fee", "fee": "A", "version": "1", "rate": "50"}, [("rule.version", "not_an_integer")]),
        ({"type": "percent_of_fee", "fee": "A", "version": True, "rate": "50"}, [("rule.version", "not_an_integer")]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_does_not_belong_is_found(rule: object, expected: list[tuple[str, str]]) -> None:
    assert expected == findings(rule)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (bands("claim"), [("rule.bands", "empty_list")]),
        (bands("claim", ("300", flat("35")), ("300", flat("50"))), [("rule.bands[1].up_to", "not_ascending")]),
        (bands("claim", ("300", flat("35")), ("299.99", flat("50"))), [("rule.bands[1].up_to", "not_ascending")]),
        (bands("claim", (None, flat("35")), ("300", flat("50"))), [("rule.bands[0].up_to", "open_band_not_last")]),
        (bands("claim", ("300.005", flat("35"))), [("rule.bands[0].up_to", "too_many_decimals")]),
        (bands("claim", ("-1", flat("35"))), [("rule.bands[0].up_to", "not_a_decimal")]),
        (bands("pensioner", ("300", flat("35"))), [("rule.of", "wrong_input_kind")]),
        (bands("claim", ("300", flat("35")), scope="each"), [("rule.scope", "unknown_word")]),
        ({"type": "bands", "of": "claim", "bands": [{"up_to": "5"}]}, [("rule.bands[0].rule", "missing_member")]),
        ({"type": "bands", "of": "claim", "bands": [{"to": "5", "rule": flat("1")}]}, [("rule.bands[0].to", "unknown_member")]),
        ({"type": "bands", "of": "claim", "bands": [5]}, [("rule.bands[0]", "not_an_object")]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bands_leave_no_gap_and_no_overlap(rule: object, expected: list[tuple[str, str]]) -> None:
    assert expected == findings(rule)


def table(*rows: tuple[object, Json], of: object = ("zone", "use")) -> Json:
    return {"type": "table", "of": list(of) if isinstance(of, tuple) else of, "rows": [{"when": when, "rule": rule} for when, rule in rows]}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (table(), [("rule.rows", "empty_list")]),
        (table((["a1", "shop"], flat("1")), of="zone"), [("rule.of", "not_a_list")]),
        (table((["a1", "a1"], flat("1")), of=("zone", "zone")), [("rule.of", "duplicate")]),
        (table((["5"], flat("1")), of=("area",)), [("rule.of[0]", "wrong_input_kind")]),
        (table((["a1"], flat("1"))), [("rule.rows[0].when", "wrong_length")]),
        (table((["a1", "shop", "x"], flat("1"))), [("rule.rows[0].when", "wrong_length")]),
        (table((["shop", "a1"], flat("1"))), [("rule.rows[0].when[0]", "unknown_choice"), ("rule.rows[0].when[1]", "unknown_choice")]),
        (table((["a1", 1], flat("1"))), [("rule.rows[0].when[1]", "not_a_text")]),
        (table((["a1", "shop"], flat("1")), (["a1", "shop"], flat("2"))), [("rule.rows[1].when", "duplicate")]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_table_rows_name_choices_that_exist_once(rule: object, expected: list[tuple[str, str]]) -> None:
    assert expected == findings(rule)


def test_everything_wrong_is_said_at_once() -> None:
    rule = bands("claim", ("x", {"type": "flat"}), (None, {"type": "percent", "rate": 5, "of": "zone"}), ("1", {"type": "what"}))
    assert [
        ("rule.bands[0].up_to", "not_a_decimal"),
        ("rule.bands[0].rule.amount", "missing_member"),
        ("rule.bands[1].up_to", "open_band_not_last"),
        ("rule.bands[1].rule.rate", "not_a_decimal"),
        ("rule.bands[1].rule.of", "wrong_input_kind"),
        ("rule.bands[2].rule.type", "unknown_type"),
    ] == findings(rule)


def nested(depth: int) -> Json:
    return flat("1") if depth == 1 else {"type": "sum", "rules": [nested(depth - 1)]}


def test_rules_stand_at_most_eight_deep() -> None:
    assert parse_rule(nested(DEEPEST), DECLARED, 2)
    assert [("rule" + ".rules[0]" * DEEPEST, "too_deep")] == findings(nested(DEEPEST + 1))


def test_a_fee_holds_at_most_two_hundred_rules() -> None:
    most: Json = {"type": "sum", "rules": [flat("1")] * (MOST_NODES - 1)}
    assert parse_rule(most, DECLARED, 2)
    assert [(f"rule.rules[{MOST_NODES - 1}]", "too_many_rules")] == findings({"type": "sum", "rules": [flat("1")] * MOST_NODES})
    assert ("rule.rules", "too_many") in findings({"type": "sum", "rules": [flat("1")] * 100_000})
    # All components count together.
    with pytest.raises(MalformedFee) as refused:
        parse_content(fee_json(components=[component(most), component(flat("1"))]))
    assert ["too_many_rules"] == [finding.code for finding in refused.value.findings]


def test_a_fee_refers_to_few_others() -> None:
    reference = {"type": "percent_of_fee", "fee": "A", "version": 1, "rate": "50"}
    assert parse_rule({"type": "sum", "rules": [reference] * MOST_REFERENCES}, DECLARED, 2)
    assert [(f"rule.rules[{MOST_REFERENCES}]", "too_many_references")] == findings(
        {"type": "sum", "rules": [reference] * (MOST_REFERENCES + 1)}
    )


def test_the_findings_of_a_hostile_file_are_not_without_number() -> None:
    assert 100 == len(findings({"type": "sum", "rules": [{"type": "flat", "amount": 1, "x": 1}] * 150}))


CANONICAL: list[Json] = [
    flat("35.00"),
    {"type": "free"},
    {
        "type": "per_unit",
        "rate": "0.005",
        "of": "area",
        "unit_size": "1",
        "part": "prorate",
        "included": "0",
        "minimum_units": "2.5",
    },
    {"type": "percent", "rate": "4.5", "of": "claim"},
    bands("claim", ("300", flat("35.00")), (None, {"type": "free"}), scope="marginal"),
    {"type": "base_plus", "base": "100.00", "at": "0.5", "rate": "60.00", "of": "area", "unit_size": "1", "part": "ceil"},
    table((["a1", "shop"], flat("1.00"))),
    {"type": "sum", "rules": [flat("1.00"), flat("2.00")]},
    {"type": "max_of", "rules": [flat("1.00"), flat("2.00")]},
    {"type": "min_of", "rules": [flat("1.00"), flat("2.00")]},
    {"type": "clamp", "rule": flat("1.00"), "minimum": "0.50", "maximum": "2.00"},
    {"type": "clamp", "rule": flat("1.00"), "maximum": "2.00"},
    {"type": "times", "rule": flat("1.00"), "of": "area", "unit_size": "365", "part": "refuse"},
    {"type": "round", "rule": flat("1.00"), "increment": "10.00", "mode": "half_down"},
    {"type": "percent_of_fee", "fee": "CIT-CERT", "version": 2, "rate": "50"},
    {"type": "actual_cost", "of": "claim"},
    {"type": "not_computable", "text": "sipas marrëveshjes"},
]


@pytest.mark.parametrize("rule", CANONICAL, ids=lambda rule: rule["type"])
def test_the_canonical_spelling_is_written_as_it_was_read(rule: Json) -> None:
    assert rule == rule_to_json(parse_rule(rule, DECLARED, 2), 2)


def test_every_type_of_rule_has_a_canonical_spelling_here() -> None:
    with pytest.raises(MalformedFee) as refused:
        parse_rule({"type": "?"}, DECLARED, 2)
    known = refused.value.findings[0].message.removeprefix("must be one of ").split(", ")
    assert set(known) == {str(rule["type"]) for rule in CANONICAL}


def test_what_may_be_left_out_means_the_least_surprising() -> None:
    short = {"type": "per_unit", "rate": "5", "of": "area"}
    assert {
        "type": "per_unit",
        "rate": "5.00",
        "of": "area",
        "unit_size": "1",
        "part": "refuse",
        "included": "0",
        "minimum_units": "0",
    } == rule_to_json(parse_rule(short, DECLARED, 2), 2)
