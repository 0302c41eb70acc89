"""Money is whole minor units of an ISO 4217 currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import MalformedAmount, UnknownCurrency
from registry.money import Money, exponent, minor_text


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("XPF", 0),
        ("JPY", 0),
        ("ISK", 0),
        ("EUR", 2),
        ("MKD", 2),
        ("RSD", 2),
        ("ALL", 2),
        ("GBP", 2),
        ("USD", 2),
        ("CAD", 2),
        ("BGN", 2),
        ("BAM", 2),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
    ],
)
def test_decimals_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    """Not CLDR's, which knows no para in the dinar and no deni in the denar."""
    assert decimals == exponent(currency)


@pytest.mark.parametrize("currency", ["", "EU", "eur", "XXX", "EURO", "DEM", "€"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        exponent(currency)
    with pytest.raises(UnknownCurrency):
        Money.parse("1", currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1250.00", "EUR", 125000),
        ("1250", "EUR", 125000),
        ("1250.5", "EUR", 125050),
        ("0", "EUR", 0),
        ("0.01", "EUR", 1),
        ("700", "XPF", 700),
        ("1.234", "KWD", 1234),
        ("999999999999999.99", "EUR", 99999999999999999),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money(minor, currency) == Money.parse(text, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1 ",
        " 1",
        "+1",
        "-1",
        "1e3",
        "1E3",
        "NaN",
        "Infinity",
        "inf",
        "1,00",
        "1.",
        ".5",
        "1.005",
        "1.000",
        "1_000",
        "1.2.3",
        "١٢",
        "１",
        "0x10",
        "1" * 16,
        "1" + "0" * 30,
        "1\n",
        "1.00\x00",
        "€1",
    ],
)
def test_anything_but_a_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(MalformedAmount):
        Money.parse(text, "EUR")


def test_a_currency_without_decimals_takes_none() -> None:
    with pytest.raises(MalformedAmount):
        Money.parse("7.0", "XPF")


@pytest.mark.parametrize(
    ("minor", "decimals", "text"),
    [(125000, 2, "1250.00"), (-5, 2, "-0.05"), (7, 0, "7"), (0, 2, "0.00"), (1234, 3, "1.234"), (-700, 0, "-700")],
)
def test_an_amount_is_written_with_all_its_decimals(minor: int, decimals: int, text: str) -> None:
    assert text == minor_text(minor, decimals)


@given(st.integers(0, 10**15 - 1), st.sampled_from(["EUR", "XPF", "KWD", "CLF"]))
def test_what_is_written_is_read_again(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert amount == Money.parse(amount.text, currency)
