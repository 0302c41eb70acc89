"""Components, concessions, rounding and standing: lines that always add up to the total."""

import json

import pytest

from registry.errors import AmountOutOfRange, InputRefused, UnusableFeeReference
from registry.fees.assessment import Line, assess, check_examples, parse_inputs, trace
from registry.fees.content import FeeContent
from registry.fees.inputs import Values
from tests.registry.fees.sample_fees import (
    COURT_ISSUE_FEE,
    Json,
    amount,
    assessed,
    bands,
    choice,
    component,
    concession,
    fee,
    flat,
    money,
    number,
    yes_no,
)

LOST_PASSPORT = fee(
    currency="MKD",
    components=[
        component(flat("1500"), "form", account="Ministry of Interior"),
        component(flat("100"), "administrative_fee", account="State budget"),
        component(flat("75"), "gazette_notice", account="Official Gazette"),
    ],
)
"""North Macedonia, Ministry of Interior: lost passport of a child under four."""

NO_PRICE: Json = {"type": "not_computable", "text": "sipas marrëveshjes"}


def kinds(content: FeeContent, **given: object) -> list[tuple[str, int]]:
    """The lines of a case: (kind, minor units)."""
    return [(line.kind, line.minor) for line in assessed(content, **given).lines]


def test_a_composite_fee_is_the_sum_of_its_components() -> None:
    """Form 1500, administrative fee 100, notice in the gazette 75: 1675 denars, into three accounts."""
    found = assessed(LOST_PASSPORT)
    assert ("priced", 167500, "MKD", 167500) == (found.standing, found.minor, found.currency, found.recorded_minor)
    assert (
        Line("form", {"en": "form"}, "Ministry of Interior", 150000),
        Line("administrative_fee", {"en": "administrative fee"}, "State budget", 10000),
        Line("gazette_notice", {"en": "gazette notice"}, "Official Gazette", 7500),
    ) == found.lines


def test_a_free_component_does_not_make_the_fee_free() -> None:
    """The identity card: 310 for the form, no administrative fee."""
    content = fee(currency="MKD", components=[component(flat("310"), "form"), component({"type": "free"})])
    assert ("priced", 31000) == (assessed(content).standing, assessed(content).minor)


# What a fee is when it is not an amount.


def test_free_is_an_answer_of_its_own_and_compares_as_zero() -> None:
    """Prishtina, request for inspection: pa pagesë, a claim that can be violated."""
    found = assessed(fee({"type": "free"}))
    assert ("free", 0, 0) == (found.standing, found.minor, found.recorded_minor)


def test_a_price_that_comes_to_nothing_is_free_and_never_a_bare_zero() -> None:
    content = fee({"type": "per_unit", "rate": "2", "of": "pages", "included": "5"}, [number("pages")])
    assert ["free", "priced"] == [assessed(content, pages=pages).standing for pages in ("5", "6")]


def test_an_actual_cost_has_no_published_amount_but_can_be_recorded() -> None:
    """Rivergrove, Oregon: building permit, 25 and the actual cost."""
    content = fee(components=[component(flat("25")), component({"type": "actual_cost", "of": "cost"}, "review")], inputs=[money("cost")])
    found = assessed(content, cost="310.75")
    assert ("actual_cost", None, 33575) == (found.standing, found.minor, found.recorded_minor)
    assert [("administrative_fee", 2500), ("review", 31075)] == [(line.kind, line.minor) for line in found.lines]


def test_a_cost_stated_in_whole_units_is_taken_in_minor_units() -> None:
    content = fee({"type": "actual_cost", "of": "cost"}, [money("cost", decimals=0)])
    assert 31000 == assessed(content, cost="310").recorded_minor


def test_an_actual_cost_counts_only_where_the_case_reaches_it() -> None:
    """The first hour is 500, what is over it at actual cost."""
    rule = bands("hours", ("1", flat("500")), (None, {"type": "sum", "rules": [flat("500"), {"type": "actual_cost", "of": "cost"}]}))
    content = fee(rule, [number("hours"), money("cost")], "USD")
    assert "500.00" == amount(content, hours="1", cost="0")
    assert "actual_cost" == amount(content, hours="2", cost="90")


def test_what_no_rule_can_follow_is_not_computable_and_keeps_the_words() -> None:
    found = assessed(fee(components=[component(flat("5")), component(NO_PRICE)]))
    assert ("not_computable", None, None, (), "sipas marrëveshjes") == (
        found.standing,
        found.minor,
        found.recorded_minor,
        found.lines,
        found.text,
    )


def test_only_the_case_that_is_not_computable_is() -> None:
    """Prishtina, land use: 12 EUR a square metre up to 450 m2; above it the tariff says nothing."""
    rule = bands("area", ("450", {"type": "per_unit", "rate": "12", "of": "area", "part": "prorate"}), (None, NO_PRICE))
    content = fee(rule, [number("area", 2)])
    assert ["5400.00", "not_computable"] == [amount(content, area=area) for area in ("450", "450.01")]


# Concessions.


def conceding(*concessions: Json, rule: Json | None = None, **more: object) -> FeeContent:
    inputs = [yes_no("pensioner"), yes_no("disabled"), money("claim")]
    return fee(rule or flat("15.01"), inputs, concessions=list(concessions), **more)


def test_a_percent_concession_is_a_line_of_its_own() -> None:
    content = conceding(concession("pensioner", {"type": "percent", "rate": "50"}))
    assert [("administrative_fee", 1501)] == kinds(content, claim="0")
    assert [("administrative_fee", 1501), ("concession", -750)] == kinds(content, claim="0", pensioner=True)
    assert "7.51" == amount(content, claim="0", pensioner=True)


def test_a_free_concession_takes_off_everything() -> None:
    content = conceding(concession("pensioner", {"type": "free"}))
    found = assessed(content, claim="0", pensioner=True)
    assert ("free", 0) == (found.standing, found.minor)
    assert [("administrative_fee", 1501), ("concession", -1501)] == [(line.kind, line.minor) for line in found.lines]


def test_a_replacement_takes_the_place_of_the_components() -> None:
    content = conceding(concession("pensioner", {"type": "replace", "rule": flat("1")}))
    assert [("administrative_fee", 1501), ("concession", -1401)] == kinds(content, claim="0", pensioner=True)


def test_of_several_concessions_the_first_by_priority_applies_alone() -> None:
    content = conceding(concession("disabled", {"type": "percent", "rate": "10"}, 5), concession("pensioner", {"type": "free"}, 2))
    both = assessed(content, claim="0", pensioner=True, disabled=True)
    assert ("free", {"en": "pensioner"}) == (both.standing, both.lines[-1].label)
    assert "13.51" == amount(content, claim="0", disabled=True)


def test_what_has_no_price_may_still_be_free_or_replaced() -> None:
    free, replaced = {"type": "free"}, {"type": "replace", "rule": flat("1")}
    assert "0.00" == amount(conceding(concession("pensioner", free), rule=NO_PRICE), claim="0", pensioner=True)
    assert "1.00" == amount(conceding(concession("pensioner", replaced), rule=NO_PRICE), claim="0", pensioner=True)
    assert "not_computable" == amount(conceding(concession("pensioner", free), rule=NO_PRICE), claim="0")
    half = conceding(concession("pensioner", {"type": "percent", "rate": "50"}), rule=NO_PRICE)
    assert "not_computable" == amount(half, claim="0", pensioner=True)
    words = conceding(concession("pensioner", {"type": "replace", "rule": NO_PRICE}))
    assert "not_computable" == amount(words, claim="0", pensioner=True)
    words = conceding(concession("pensioner", {"type": "replace", "rule": NO_PRICE}), rule=NO_PRICE)
    assert "not_computable" == amount(words, claim="0", pensioner=True)


def test_a_concession_on_an_actual_cost() -> None:
    cost: Json = {"type": "actual_cost", "of": "claim"}
    half = assessed(conceding(concession("pensioner", {"type": "percent", "rate": "50"}), rule=cost), claim="100", pensioner=True)
    assert ("actual_cost", None, 5000) == (half.standing, half.minor, half.recorded_minor)
    assert "0.00" == amount(conceding(concession("pensioner", {"type": "free"}), rule=cost), claim="100", pensioner=True)
    replaced = conceding(concession("pensioner", {"type": "replace", "rule": flat("1")}), rule=cost)
    assert "1.00" == amount(replaced, claim="100", pensioner=True)


def test_a_case_nothing_is_prescribed_for_stays_refused_under_a_percent_concession() -> None:
    content = conceding(concession("pensioner", {"type": "percent", "rate": "50"}), rule=bands("claim", ("5", flat("1"))))
    with pytest.raises(InputRefused):
        amount(content, claim="6", pensioner=True)


# Rounding lines.


def test_a_rounded_total_shows_what_rounding_did() -> None:
    content = fee(flat("1234.56"), currency="RSD", rounding={"increment": "10", "mode": "half_down", "stage": "total"})
    assert [("administrative_fee", 123456), ("rounding", -456)] == kinds(content)


def test_components_with_parts_of_a_cent_still_add_up() -> None:
    half_cent = {"type": "per_unit", "rate": "0.005", "of": "units"}
    content = fee(None, [number("units")], components=[component(half_cent)] * 3)
    assert [*[("administrative_fee", 1)] * 3, ("rounding", -1)] == kinds(content, units="1")


def test_a_concession_and_rounding_have_a_line_each() -> None:
    content = conceding(concession("pensioner", {"type": "percent", "rate": "50"}), rounding={"increment": "1", "mode": "up"})
    assert [("administrative_fee", 1501), ("concession", -750), ("rounding", 49)] == kinds(content, claim="0", pensioner=True)


def test_by_component_the_conceded_total_is_rounded_too() -> None:
    content = conceding(
        concession("pensioner", {"type": "percent", "rate": "50"}), rounding={"increment": "1", "mode": "up", "stage": "component"}
    )
    assert [("administrative_fee", 1600), ("concession", -800)] == kinds(content, claim="0", pensioner=True)


# References to other fees.

EXPRESS = fee(
    {"type": "percent_of_fee", "fee": "COURT", "version": 3, "rate": "50"}, [money("claim"), choice("speed", "fast", "slow")], "GBP"
)


def court(code: str, version: int) -> FeeContent | None:
    return COURT_ISSUE_FEE if (code, version) == ("COURT", 3) else None


def test_a_share_of_another_fee_is_worked_out_from_the_same_case() -> None:
    """Expedited processing: 50 % of the standard fee."""
    assert "25.00" == amount(EXPRESS, court, claim="300.01", speed="fast")


def test_a_share_of_a_fee_has_its_standing() -> None:
    reference: Json = {"type": "percent_of_fee", "fee": "A", "version": 1, "rate": "10"}
    assert "not_computable" == amount(fee(reference), lambda code, version: fee(NO_PRICE))
    cost = fee({"type": "actual_cost", "of": "cost"}, [money("cost")])
    found = assessed(fee(reference, [money("cost")]), lambda code, version: cost, cost="100")
    assert ("actual_cost", None, 1000) == (found.standing, found.minor, found.recorded_minor)
    assert "0.00" == amount(fee(reference), lambda code, version: fee({"type": "free"}))


def test_a_reference_that_cannot_be_followed_is_refused() -> None:
    case = {"claim": "300.01", "speed": "fast"}
    with pytest.raises(UnusableFeeReference, match="not there"):
        assessed(EXPRESS, **case)
    with pytest.raises(UnusableFeeReference, match="not there"):
        assessed(EXPRESS, lambda code, version: None, **case)
    with pytest.raises(UnusableFeeReference, match="is in EUR"):
        assessed(EXPRESS, lambda code, version: fee(flat("1")), **case)
    with pytest.raises(UnusableFeeReference, match="needs the inputs rooms"):
        assessed(EXPRESS, lambda code, version: fee(flat("1"), [number("rooms")], "GBP"), **case)
    with pytest.raises(UnusableFeeReference, match="deep"):
        assessed(EXPRESS, lambda code, version: EXPRESS, **case)


# Limits, traces, examples.


def test_no_fee_comes_to_more_than_a_receipt_can_hold() -> None:
    content = fee({"type": "per_unit", "rate": "1000000000000", "of": "units"}, [number("units")])
    assert 10**15 == assessed(content, units="10").minor
    with pytest.raises(AmountOutOfRange):
        assessed(content, units="11")


def test_values_of_another_fee_are_refused() -> None:
    with pytest.raises(InputRefused):
        assess(LOST_PASSPORT, Values((1,)))


def test_a_trace_tells_how_it_came_to_the_amount() -> None:
    content = conceding(
        concession("pensioner", {"type": "percent", "rate": "50"}),
        rule={
            "type": "max_of",
            "rules": [{"type": "percent", "rate": "3", "of": "claim"}, bands("claim", ("300", flat("5")), (None, flat("9")))],
        },
    )
    case = parse_inputs(content, {"claim": "300.01", "pensioner": True})
    assert [
        ("components[0].rule.rules[0]", "percent: 3 % of claim 300.01", "9.0003"),
        ("components[0].rule.rules[1].bands[1].rule", "flat: 9.00", "9.00"),
        ("components[0].rule.rules[1]", "bands, whole: claim 300.01, the last band", "9.00"),
        ("components[0].rule", "max_of: the highest of 2", "9.0003"),
        ("concession", "concession", "-4.50"),
        ("total", "priced", "4.50"),
    ] == [(step.path, step.text, step.value) for step in trace(content, case)]


EVERY_RULE: list[tuple[Json, str]] = [
    ({"type": "free"}, "free"),
    ({"type": "per_unit", "rate": "3", "of": "n", "unit_size": "3", "part": "prorate"}, "per_unit: 7/3 × 3.00 (n 7 m2)"),
    ({"type": "base_plus", "base": "5", "at": "3", "rate": "2", "of": "n", "part": "ceil"}, "base_plus: 5.00 + 4 × 2.00 (n 7 m2)"),
    ({"type": "table", "of": ["zone"], "rows": [{"when": ["a"], "rule": flat("1")}]}, "table: zone a"),
    ({"type": "sum", "rules": [flat("1")]}, "sum of 1"),
    ({"type": "min_of", "rules": [flat("1")]}, "min_of: the lowest of 1"),
    ({"type": "clamp", "rule": flat("1"), "minimum": "2", "maximum": "3"}, "clamp: at least 2.00, at most 3.00"),
    ({"type": "times", "rule": flat("1"), "of": "n"}, "times: × 7 (n 7 m2)"),
    ({"type": "round", "rule": flat("1"), "increment": "10", "mode": "up"}, "round: to 10.00, up"),
    ({"type": "percent_of_fee", "fee": "A", "version": 2, "rate": "50"}, "percent_of_fee: 50 % of A version 2"),
    ({"type": "actual_cost", "of": "cost"}, "actual_cost: cost 1.00"),
    (NO_PRICE, "not_computable: sipas marrëveshjes"),
    (bands("n", ("7", flat("1")), scope="marginal"), "bands, marginal: n 7 m2, up to 7"),
]


@pytest.mark.parametrize(("rule", "text"), EVERY_RULE, ids=lambda value: value["type"] if isinstance(value, dict) else "")
def test_every_rule_explains_itself(rule: Json, text: str) -> None:
    content = fee(rule, [number("n", unit="m2"), choice("zone", "a"), money("cost")])
    case = parse_inputs(content, {"n": "7", "zone": "a", "cost": "1"})
    steps = trace(content, case, lambda code, version: fee(flat("1")))
    assert text in [step.text for step in steps if step.path == "components[0].rule"]


def test_a_price_without_end_is_shown_as_such() -> None:
    content = fee({"type": "per_unit", "rate": "1", "of": "n", "unit_size": "3", "part": "prorate"}, [number("n")])
    assert ["0.33333333…", "0.33"] == [step.value for step in trace(content, parse_inputs(content, {"n": "1"}))]


def test_worked_examples_must_come_to_what_they_say() -> None:
    examples = [{"inputs": {"claim": claim}, "amount": said} for claim, said in [("300", "35"), ("300.01", "35.00"), ("1", None)]]
    content = fee(bands("claim", ("300", flat("35")), (None, flat("50"))), [money("claim")], "GBP", worked_examples=examples)
    assert [
        "worked_examples[1].amount: comes to 50.00, not 35.00",
        "worked_examples[2].amount: comes to 35.00, not no amount",
    ] == [str(finding) for finding in check_examples(content)]


def test_a_worked_example_of_what_has_no_amount_says_none() -> None:
    examples = [{"inputs": {}, "amount": None}, {"inputs": {}, "amount": "1"}]
    assert ["worked_examples[1].amount: comes to not_computable, not 1.00"] == [
        str(finding) for finding in check_examples(fee(NO_PRICE, worked_examples=examples))
    ]


def test_a_worked_example_that_is_refused_is_a_finding() -> None:
    examples = [{"inputs": {"n": "11"}, "amount": "1"}]
    content = fee(bands("n", ("10", flat("1"))), [number("n")], worked_examples=examples)
    assert [("worked_examples[0].inputs.n", "above_last_band")] == [(found.path, found.code) for found in check_examples(content)]
    reference: Json = {"type": "percent_of_fee", "fee": "A", "version": 1, "rate": "10"}
    content = fee(reference, worked_examples=[{"inputs": {}, "amount": "1"}])
    assert [("worked_examples[0].amount", "unusable_fee_reference")] == [(found.path, found.code) for found in check_examples(content)]


def test_lines_are_plain_values_that_can_be_sent() -> None:
    line = assessed(LOST_PASSPORT).lines[0]
    assert '{"en": "form"}' == json.dumps(line.label)
