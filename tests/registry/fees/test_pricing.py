"""What each rule comes to, on fees from life."""

from fractions import Fraction

import pytest

from registry.errors import InputRefused
from registry.fees.pricing import rounded
from registry.fees.rule import Mode
from tests.registry.fees.sample_fees import COURT_ISSUE_FEE, amount, assessed, bands, choice, component, fee, flat, money, number


def refusal(code: str) -> object:
    """Expect one refused input with this code."""
    return pytest.raises(InputRefused, check=lambda refused: [code] == [finding.code for finding in refused.findings])


# bands


@pytest.mark.parametrize(
    ("claim", "price"),
    [
        ("0.01", "35.00"),
        ("300.00", "35.00"),
        ("300.01", "50.00"),
        ("500", "50.00"),
        ("500.01", "70.00"),
        ("1000", "70.00"),
        ("1000.01", "80.00"),
        ("1500", "80.00"),
        ("1500.01", "115.00"),
        ("3000", "115.00"),
        ("3000.01", "205.00"),
        ("5000", "205.00"),
        ("5000.01", "455.00"),
        ("10000", "455.00"),
        ("10000.01", "500.00"),
        ("10000.10", "500.01"),
        ("12345.67", "617.28"),
        ("200000", "10000.00"),
        ("200000.01", "10000.00"),
        ("999999999", "10000.00"),
    ],
)
def test_upper_edge_of_a_band_is_inclusive(claim: str, price: str) -> None:
    """Civil money claims, England: 300.00 is still the first band, 300.01 the second (SI 2015/576)."""
    assert price == amount(COURT_ISSUE_FEE, claim=claim)


def test_above_a_closed_last_band_nothing_is_prescribed() -> None:
    """Legalisation up to 1000 m2; above it the tariff is silent, which is not the same as free."""
    content = fee(bands("area", ("50", flat("30")), ("1000", flat("300"))), [number("area")])
    assert "300.00" == amount(content, area="1000")
    with refusal("above_last_band"):
        amount(content, area="1001")


MARGINAL = bands(
    "value",
    ("100", {"type": "percent", "rate": "10", "of": "value"}),
    ("1000", {"type": "percent", "rate": "5", "of": "value"}),
    (None, {"type": "percent", "rate": "1", "of": "value"}),
    scope="marginal",
)


@pytest.mark.parametrize(
    ("value", "price"),
    [("0", "0.00"), ("50", "5.00"), ("100", "10.00"), ("100.01", "10.00"), ("100.20", "10.01"), ("1000", "55.00"), ("2000", "65.00")],
)
def test_a_marginal_band_prices_its_own_slice(value: str, price: str) -> None:
    assert price == amount(fee(MARGINAL, [money("value")]), value=value)


@pytest.mark.parametrize(("pages", "price"), [("0", "1.00"), ("10", "1.00"), ("11", "3.00"), ("20", "3.00"), ("21", "6.00")])
def test_a_flat_rule_in_a_marginal_band_is_charged_once_the_band_is_reached(pages: str, price: str) -> None:
    tariff = bands("pages", ("10", flat("1")), ("20", flat("2")), (None, flat("3")), scope="marginal")
    assert price == amount(fee(tariff, [number("pages")]), pages=pages)


def test_marginal_bands_too_end_at_a_closed_last_edge() -> None:
    with refusal("above_last_band"):
        amount(fee(bands("pages", ("10", flat("1")), scope="marginal"), [number("pages")]), pages="11")


# units


def per_unit(rate: str, of: str, **more: str) -> dict[str, object]:
    return {"type": "per_unit", "rate": rate, "of": of} | more


@pytest.mark.parametrize(
    ("part", "area", "price"),
    [
        ("ceil", "120.50", "338.80"),
        ("ceil", "120.00", "336.00"),
        ("prorate", "120.50", "337.40"),
        ("prorate", "0.01", "0.03"),
        ("ceil", "0", "0.00"),
    ],
)
def test_a_part_of_a_unit_counts_whole_or_in_proportion(part: str, area: str, price: str) -> None:
    """Ferizaj, 2014: 2.80 EUR for each square metre built."""
    assert price == amount(fee(per_unit("2.80", "area", part=part), [number("area", 2)]), area=area)


def test_where_the_law_is_silent_a_part_of_a_unit_is_refused() -> None:
    content = fee(per_unit("25", "area"), [number("area", 1)])
    assert "75.00" == amount(content, area="3.0")
    with refusal("not_whole_units"):
        amount(content, area="3.5")


@pytest.mark.parametrize(("hours", "price"), [("0", "200.00"), ("1", "200.00"), ("2", "200.00"), ("2.5", "250.00"), ("3", "300.00")])
def test_at_least_the_minimum_units_are_charged(hours: str, price: str) -> None:
    """Ray County, Missouri: planning consultation, 100 an hour, two-hour minimum."""
    content = fee(per_unit("100", "hours", part="prorate", minimum_units="2"), [number("hours", 1)], "USD")
    assert price == amount(content, hours=hours)


@pytest.mark.parametrize(("pages", "price"), [("0", "0.00"), ("5", "0.00"), ("6", "1.50"), ("15", "1.50"), ("16", "3.00")])
def test_what_is_included_is_not_charged(pages: str, price: str) -> None:
    content = fee(per_unit("1.50", "pages", unit_size="10", included="5", part="ceil"), [number("pages")])
    assert price == amount(content, pages=pages)


def test_a_unit_may_be_smaller_than_one() -> None:
    content = fee(per_unit("3", "hours", unit_size="0.25", part="ceil", included="0.125"), [number("hours", 2)])
    assert ["0.00", "3.00", "3.00", "6.00"] == [amount(content, hours=hours) for hours in ("0.12", "0.13", "0.37", "0.38")]


@pytest.mark.parametrize(
    ("area", "price"),
    [
        ("0.2500", "80.00"),
        ("0.5000", "80.00"),
        ("0.5001", "100.00"),
        ("1.0000", "100.00"),
        ("1.0001", "160.00"),
        ("2", "160.00"),
        ("2.0001", "220.00"),
    ],
)
def test_base_and_every_further_unit(area: str, price: str) -> None:
    """Prishtina, marking of cadastral points: 80 up to 0.50 ha, 100 up to 1 ha, 60 for every other hectare."""
    further = {"type": "base_plus", "base": "100", "at": "1", "rate": "60", "of": "area", "unit_size": "1", "part": "ceil"}
    content = fee(bands("area", ("0.5", flat("80")), ("1", flat("100")), (None, further)), [number("area", 4)])
    assert price == amount(content, area=area)


def test_a_yearly_charge_is_prorated_by_days() -> None:
    yearly = {"type": "times", "rule": per_unit("25", "area", part="prorate"), "of": "days", "unit_size": "365", "part": "prorate"}
    content = fee(yearly, [number("area", 1), number("days")])
    assert "250.00" == amount(content, area="10", days="365")
    assert "61.64" == amount(content, area="10", days="90")


def test_times_may_count_each_begun_unit() -> None:
    content = fee({"type": "times", "rule": flat("8"), "of": "days", "unit_size": "30", "part": "ceil"}, [number("days")])
    assert ["0.00", "8.00", "8.00", "16.00"] == [amount(content, days=days) for days in ("0", "1", "30", "31")]


def test_times_refuses_a_part_of_a_unit_unless_told_what_it_costs() -> None:
    with refusal("not_whole_units"):
        amount(fee({"type": "times", "rule": flat("8"), "of": "days", "unit_size": "30"}, [number("days")]), days="31")


# tables, choices of rules, limits


RENT = {
    "type": "table",
    "of": ["zone", "use"],
    "rows": [
        {"when": ["a1", "shop"], "rule": per_unit("10", "area")},
        {"when": ["a2", "shop"], "rule": per_unit("6", "area")},
        {"when": ["a1", "depot"], "rule": per_unit("0.80", "area")},
    ],
}


def test_a_table_is_read_by_its_choices() -> None:
    """Gjilan, rent of municipal property by zone and use, for each square metre and month."""
    content = fee(RENT, [choice("zone", "a1", "a2"), choice("use", "shop", "depot"), number("area")])
    assert "100.00" == amount(content, zone="a1", use="shop", area="10")
    assert "60.00" == amount(content, zone="a2", use="shop", area="10")
    assert "8.00" == amount(content, zone="a1", use="depot", area="10")
    with refusal("not_prescribed"):
        amount(content, zone="a2", use="depot", area="10")


@pytest.mark.parametrize(
    ("overdue", "price"), [("0", "50.00"), ("1666.66", "50.00"), ("1666.67", "50.00"), ("1667", "50.01"), ("10000", "300.00")]
)
def test_the_greater_of_two_rules(overdue: str, price: str) -> None:
    """Rivergrove, Oregon, late payment: 50 or 3 % of what is overdue, whichever is greater."""
    rule = {"type": "max_of", "rules": [flat("50"), {"type": "percent", "rate": "3", "of": "overdue"}]}
    assert price == amount(fee(rule, [money("overdue")], "USD"), overdue=overdue)


@pytest.mark.parametrize(("entries", "price"), [("1", "30.00"), ("2", "60.00"), ("3", "60.00")])
def test_the_lesser_of_two_rules(entries: str, price: str) -> None:
    """Gjilan: 30 an entry, 60 for the day."""
    assert price == amount(fee({"type": "min_of", "rules": [per_unit("30", "entries"), flat("60")]}, [number("entries")]), entries=entries)


def test_a_sum_is_all_of_its_rules() -> None:
    """Ray County: 300 and 25 a lot."""
    assert "550.00" == amount(fee({"type": "sum", "rules": [flat("300"), per_unit("25", "lots")]}, [number("lots")], "USD"), lots="10")


@pytest.mark.parametrize(("claim", "price"), [("0", "20.00"), ("400", "20.00"), ("401", "20.05"), ("2000", "100.00"), ("2001", "100.00")])
def test_a_clamp_holds_at_both_ends(claim: str, price: str) -> None:
    rule = {"type": "clamp", "rule": {"type": "percent", "rate": "5", "of": "claim"}, "minimum": "20", "maximum": "100"}
    assert price == amount(fee(rule, [money("claim")]), claim=claim)


def test_a_clamp_may_hold_at_one_end_only() -> None:
    rule = {"type": "clamp", "rule": {"type": "percent", "rate": "5", "of": "claim"}}
    assert "20.00" == amount(fee(rule | {"minimum": "20"}, [money("claim")]), claim="1")
    assert "50000.00" == amount(fee(rule | {"minimum": "20"}, [money("claim")]), claim="1000000")
    assert "100.00" == amount(fee(rule | {"maximum": "100"}, [money("claim")]), claim="1000000")


# rounding


@pytest.mark.parametrize(
    ("mode", "prices"),
    [
        ("half_up", ["0", "0", "10", "10", "10", "20", "20"]),
        ("half_down", ["0", "0", "0", "10", "10", "10", "20"]),
        ("half_even", ["0", "0", "0", "10", "10", "20", "20"]),
        ("up", ["0", "10", "10", "10", "10", "20", "20"]),
        ("down", ["0", "0", "0", "0", "10", "10", "10"]),
    ],
)
def test_each_mode_at_a_half_and_on_both_sides(mode: Mode, prices: list[str]) -> None:
    values = [Fraction(0), Fraction(49, 10), Fraction(5), Fraction(51, 10), Fraction(10), Fraction(15), Fraction(151, 10)]
    assert [int(price) for price in prices] == [rounded(value, 10, mode) for value in values]


@pytest.mark.parametrize(("claim", "price"), [("150", "10.00"), ("150.01", "20.00"), ("50", "0.00"), ("100", "10.00"), ("149.99", "10.00")])
def test_up_to_five_dinars_are_dropped_and_above_five_rounded_up_to_ten(claim: str, price: str) -> None:
    """Serbia, administrative fees."""
    rounding = {"increment": "10", "mode": "half_down", "stage": "total"}
    content = fee({"type": "percent", "rate": "10", "of": "claim"}, [money("claim")], "RSD", rounding=rounding)
    assert price == amount(content, claim=claim)


def test_a_rule_may_round_within_another() -> None:
    """Round up to the nearest whole dollar, then double."""
    whole = {"type": "round", "rule": {"type": "percent", "rate": "3", "of": "cost"}, "increment": "1", "mode": "up"}
    content = fee({"type": "times", "rule": whole, "of": "copies"}, [money("cost"), number("copies")], "USD")
    assert "8.00" == amount(content, cost="100.10", copies="2")


@pytest.mark.parametrize(("stage", "price"), [("unit", "0.39"), ("component", "0.40"), ("total", "0.40")])
def test_the_stage_of_rounding_matters(stage: str, price: str) -> None:
    """0.133 a unit is 0.13 when the unit's price is rounded; three units at 0.133 are 0.399."""
    rounding = {"increment": "0.01", "mode": "half_up", "stage": stage}
    assert price == amount(fee(per_unit("0.133", "units"), [number("units")], rounding=rounding), units="3")


def test_components_are_rounded_one_by_one_where_the_law_says_so() -> None:
    thirds = [component(per_unit("0.333", "units")), component(per_unit("0.333", "units"))]
    by = {"increment": "0.01", "mode": "half_up"}
    assert "0.66" == amount(fee(None, [number("units")], components=thirds, rounding=by | {"stage": "component"}), units="1")
    assert "0.67" == amount(fee(None, [number("units")], components=thirds, rounding=by | {"stage": "total"}), units="1")


def test_a_currency_without_decimals_is_rounded_to_whole_units() -> None:
    content = fee({"type": "percent", "rate": "5", "of": "value"}, [money("value")], "XPF")
    assert [51, 50] == [assessed(content, value=value).minor for value in ("1010", "1009")]
