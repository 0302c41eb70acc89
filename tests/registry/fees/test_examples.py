"""The cases an approver is shown."""

from registry.fees.assessment import show
from registry.fees.content import FeeContent
from registry.fees.examples import edge_examples
from tests.registry.fees.sample_fees import COURT_ISSUE_FEE, Json, bands, choice, concession, day, fee, flat, money, number, yes_no


def shown(content: FeeContent, name: str) -> list[object]:
    """The values of one input in all examples."""
    return [show(content, values)[name] for values in edge_examples(content)]


def test_a_fee_without_inputs_has_one_case() -> None:
    assert 1 == len(edge_examples(fee(flat("2"))))


def test_both_sides_of_every_edge_and_a_case_inside_each_band() -> None:
    claims = shown(COURT_ISSUE_FEE, "claim")
    for edge in (300, 500, 1000, 1500, 3000, 5000, 10000, 200000):
        assert f"{edge}.00" in claims
        assert f"{edge}.01" in claims
    for inside in ("150.00", "400.00", "750.00", "1250.00", "2250.00", "4000.00", "7500.00", "105000.00", "200010.00"):
        assert inside in claims
    assert "0.01" in claims  # the least there can be


def test_a_case_nothing_is_prescribed_for_is_not_shown() -> None:
    assert ["10", "5", "0"] == shown(fee(bands("n", ("10", flat("1"))), [number("n")]), "n")


def test_a_cap_is_shown_where_it_is_reached() -> None:
    rule: Json = {"type": "clamp", "rule": {"type": "percent", "rate": "5", "of": "claim"}, "minimum": "20", "maximum": "100"}
    assert ["10.00", "399.99", "400.00", "1999.99", "2000.00", "0.00"] == shown(fee(rule, [money("claim")]), "claim")


def test_a_cap_that_is_never_reached_or_cannot_be_searched_is_left_out() -> None:
    low: Json = {"type": "clamp", "rule": {"type": "percent", "rate": "5", "of": "claim"}, "maximum": "100"}
    assert ["10.00", "0.00", "50.00"] == shown(fee(low, [money("claim", maximum="50")]), "claim")
    silent: Json = {"type": "clamp", "rule": {"type": "per_unit", "rate": "5", "of": "n", "unit_size": "3"}, "maximum": "100"}
    assert "0" in shown(fee(silent, [number("n")]), "n")


def test_units_are_shown_on_both_sides_of_what_is_included_and_of_a_whole_one() -> None:
    rule: Json = {"type": "per_unit", "rate": "5", "of": "n", "unit_size": "4", "included": "6", "part": "ceil"}
    assert ["10", "6", "7", "11", "0"] == shown(fee(rule, [number("n")]), "n")
    rule = {"type": "times", "rule": flat("5"), "of": "n", "unit_size": "30", "part": "ceil"}
    assert ["10", "30", "31", "0"] == shown(fee(rule, [number("n")]), "n")


def test_every_row_of_a_table_and_every_concession_is_shown() -> None:
    rows = [{"when": [code], "rule": flat(price)} for code, price in (("a", "1"), ("b", "2"))]
    content = fee(
        {"type": "table", "of": ["zone"], "rows": rows},
        [choice("zone", "a", "b"), yes_no("pensioner"), day("built")],
        concessions=[concession("pensioner", {"type": "replace", "rule": flat("1")})],
    )
    assert [("a", False), ("b", False), ("a", True)] == list(zip(shown(content, "zone"), shown(content, "pensioner"), strict=True))
    assert ["2026-01-01"] * 3 == shown(content, "built")


def test_there_are_never_more_than_a_hundred() -> None:
    edges = [(str(edge), flat("1")) for edge in range(1, 190)]
    assert 100 == len(edge_examples(fee(bands("n", *edges), [number("n")])))


def test_a_fee_that_is_broken_is_still_shown() -> None:
    reference: Json = {"type": "percent_of_fee", "fee": "A", "version": 1, "rate": "10"}
    assert 1 == len(edge_examples(fee({"type": "clamp", "rule": reference, "maximum": "5"})))
    assert 2 == len(edge_examples(fee({"type": "clamp", "rule": reference, "maximum": "5"}, [number("n")])))
