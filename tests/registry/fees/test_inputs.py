"""What a case says is read strictly, packed as a token holds it, and shown as it was given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InputRefused
from registry.fees.assessment import pack, parse_inputs, show, unpack
from registry.fees.inputs import LARGEST, Values, bounds
from tests.registry.fees.sample_fees import choice, day, fee, money, number, yes_no

CASE = fee(
    inputs=[
        number("area", 2, unit="m2", minimum="0.5", maximum="100000"),
        money("claim"),
        choice("zone", "a1", "a2", "B-3"),
        yes_no("pensioner"),
        day("built", minimum="1912-11-28"),
    ]
)
GIVEN: dict[str, object] = {"area": "120.50", "claim": "300.01", "zone": "a2", "pensioner": True, "built": "1969-12-31"}


def findings(**changed: object) -> list[tuple[str, str]]:
    """Where and what is refused when a good case is changed."""
    with pytest.raises(InputRefused) as refused:
        parse_inputs(CASE, GIVEN | changed)
    return [(finding.path, finding.code) for finding in refused.value.findings]


def test_a_case_becomes_the_ints_of_a_token() -> None:
    """Scaled by decimals, index of the choice, 1 for yes, days since 1970, which may be before it."""
    values = parse_inputs(CASE, GIVEN)
    assert (12050, 30001, 1, 1, -1) == pack(CASE, values)
    assert GIVEN == show(CASE, values)
    assert values == unpack(CASE, [12050, 30001, 1, 1, -1])


def test_fewer_decimals_are_the_same_value() -> None:
    assert parse_inputs(CASE, GIVEN | {"area": "120.5"}) == parse_inputs(CASE, GIVEN)


def test_a_yes_no_that_is_left_out_is_no() -> None:
    """A concession has to be claimed."""
    without = {name: value for name, value in GIVEN.items() if name != "pensioner"}
    assert show(CASE, parse_inputs(CASE, without))["pensioner"] is False


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("area", None, "missing_input"),
        ("area", 120, "wrong_type"),
        ("area", 120.5, "wrong_type"),
        ("area", True, "wrong_type"),
        ("area", ["1"], "wrong_type"),
        ("area", {}, "wrong_type"),
        ("area", "", "not_a_decimal"),
        ("area", "NaN", "not_a_decimal"),
        ("area", "Infinity", "not_a_decimal"),
        ("area", "1e30", "not_a_decimal"),
        ("area", "1,5", "not_a_decimal"),
        ("area", " 1", "not_a_decimal"),
        ("area", "1 ", "not_a_decimal"),
        ("area", "1\n", "not_a_decimal"),
        ("area", "+1", "not_a_decimal"),
        ("area", "١", "not_a_decimal"),
        ("area", "0x10", "not_a_decimal"),
        ("area", "-1", "out_of_range"),
        ("area", "-0", "out_of_range"),
        ("area", "0.49", "out_of_range"),
        ("area", "100000.01", "out_of_range"),
        ("area", "1" + "0" * 30, "out_of_range"),
        ("area", "9" * 1_000_000, "out_of_range"),
        ("area", "1.505", "too_many_decimals"),
        ("area", "1.500", "too_many_decimals"),
        ("claim", "10000000000000.01", "out_of_range"),
        ("zone", None, "missing_input"),
        ("zone", 1, "wrong_type"),
        ("zone", "A1", "unknown_choice"),
        ("zone", "", "unknown_choice"),
        ("pensioner", "true", "wrong_type"),
        ("pensioner", 1, "wrong_type"),
        ("pensioner", 0, "wrong_type"),
        ("built", None, "missing_input"),
        ("built", 0, "wrong_type"),
        ("built", "1912-11-27", "out_of_range"),
        ("built", "2026-02-29", "not_a_date"),
        ("built", "2026-1-1", "not_a_date"),
        ("built", "20260101", "not_a_date"),
        ("built", "2026-W01-1", "not_a_date"),
        ("built", "2026-01-01T00:00:00", "not_a_date"),
        ("built", "٢٠٢٦-٠١-٠١", "not_a_date"),
        ("built", "0000-01-01", "not_a_date"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_value_that_does_not_fit_has_its_own_code(name: str, value: object, code: str) -> None:
    assert [(f"inputs.{name}", code)] == findings(**{name: value})


def test_all_that_is_wrong_is_said_at_once() -> None:
    expected = [("inputs.area", "wrong_type"), ("inputs.zone", "unknown_choice"), ("inputs.rooms", "unknown_input")]
    assert expected == findings(area=1, zone="c", rooms="3")


def test_the_findings_of_a_hostile_case_are_not_without_number() -> None:
    assert 100 == len(findings(**{f"x{i}": 1 for i in range(10_000)}))


@pytest.mark.parametrize(
    ("ints", "expected"),
    [
        ([12050, 30001, 1, 1], [("inputs", "wrong_count")]),
        ([12050, 30001, 1, 1, 0, 0], [("inputs", "wrong_count")]),
        ([49, 30001, 1, 1, 0], [("inputs.area", "out_of_range")]),
        ([12050, -1, 1, 1, 0], [("inputs.claim", "out_of_range")]),
        ([12050, LARGEST + 1, 1, 1, 0], [("inputs.claim", "out_of_range")]),
        ([12050, 1, 3, 1, 0], [("inputs.zone", "unknown_choice")]),
        (
            [12050, 1, -1, 2, 10**9],
            [("inputs.zone", "unknown_choice"), ("inputs.pensioner", "out_of_range"), ("inputs.built", "out_of_range")],
        ),
    ],
    ids=str,
)
def test_ints_that_are_no_values_of_this_fee_are_refused(ints: list[int], expected: list[tuple[str, str]]) -> None:
    with pytest.raises(InputRefused) as refused:
        unpack(CASE, ints)
    assert expected == [(finding.path, finding.code) for finding in refused.value.findings]


@given(st.tuples(*(st.integers(*bounds(declared)) for declared in CASE.inputs)))
def test_what_is_shown_is_read_again(ints: tuple[int, ...]) -> None:
    values = unpack(CASE, ints)
    assert Values(ints) == values
    assert values == parse_inputs(CASE, show(CASE, values))
    assert ints == pack(CASE, values)
