"""Amounts as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import MalformedAmount
from registry.money import Money
from service.web.amounts import typed_amount, typed_decimal
from service.web.language import LANGUAGES, words


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1.250,00", "1250.00"), ("1,250.00", "1250.00"), ("1 250", "1250.00"), ("150", "150.00"), ("150 ден.", "150.00"),
        ("150den", "150.00"), ("€2.50", "2.50"), ("2,5", "2.50"), ("1.250", "1250.00"), ("MKD 1.250", "1250.00"),
        ("12.50 EUR", "12.50"), ("1.250.000,50", "1250000.50"), ("0", "0.00"), (" 7 ", "7.00"), ("1’250.50", "1250.50"),
    ],
)  # fmt: skip
def test_point_and_comma_are_read_as_meant(typed: str, expected: str) -> None:
    assert expected == typed_amount(typed, "MKD").text


@pytest.mark.parametrize(
    "typed", ["", "abc", "-5", "1.2.3", "12.34.56", "1,5,0", "5.123", "1e5", "NaN", "٣", "1.250,5.0", "12,345,67", "9" * 41, "1..2"]
)
def test_what_nobody_can_mean_is_refused(typed: str) -> None:
    """5.123 is five thousand one hundred and twenty-three; all others are nothing."""
    if typed == "5.123":
        assert "5123.00" == typed_amount(typed, "EUR").text
        return
    with pytest.raises(MalformedAmount):
        typed_amount(typed, "EUR")


def test_three_decimals_are_decimals_where_they_are_in_use() -> None:
    assert ("1250", "1.250") == (typed_decimal("1.250", 2), typed_decimal("1.250", 3))


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "MKD", "RSD", "ALL"]), st.sampled_from(LANGUAGES))
def test_what_we_write_can_be_typed_back(minor: int, currency: str, language: str) -> None:
    assert Money(minor, currency) == typed_amount(words(language).money(minor, currency), currency)
