"""Receipt numbers: sixteen digits a person can read out over the telephone."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import MalformedNumber
from registry.receipts.number import parse_number, receipt_number, show_number, with_check_digit

fifteen = st.integers(0, 10**15 - 1).map("{:015d}".format)


def test_the_number_of_the_documented_receipt() -> None:
    """Worked out from the words of the format, in hex rather than bytes."""
    head = int(sha256(b"taksa/number/v1" + b"0123456789").hexdigest()[:16], 16) % 10**15
    assert f"{head:015d}" == receipt_number(b"0123456789")[:15]


@pytest.mark.parametrize(("digits", "check"), [("7992739871", "3"), ("401288888888188", "1"), ("37828224631000", "5"), ("0" * 15, "0")])
def test_check_digits_that_everybody_knows(digits: str, check: str) -> None:
    """The textbook example of ISO/IEC 7812-1 and the card networks' test numbers."""
    assert digits + check == with_check_digit(digits)


@given(st.binary(min_size=10, max_size=10))
def test_every_number_reads_back(cti: bytes) -> None:
    number = receipt_number(cti)
    assert number == parse_number(number) == parse_number(show_number(number))


@pytest.mark.parametrize("text", ["4012 8888 8888 1881", "4012-8888-8888-1881", " 4012888888881881\n", "4012 - 8888 - 8888 - 1881"])
def test_spaces_and_hyphens_are_the_typists_to_use(text: str) -> None:
    assert "4012888888881881" == parse_number(text)


@given(fifteen, st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, by: int) -> None:
    number = with_check_digit(digits)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(MalformedNumber, match="check_digit"):
        parse_number(wrong)


@given(fifteen, st.integers(0, 14))
def test_swapped_neighbours_are_noticed_but_for_nought_and_nine(digits: str, place: int) -> None:
    number = with_check_digit(digits)
    one, other = number[place], number[place + 1]
    if one == other or {one, other} == {"0", "9"}:
        return
    with pytest.raises(MalformedNumber, match="check_digit"):
        parse_number(number[:place] + other + one + number[place + 2 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "401288888888188",
        "40128888888818811",
        "4012x88888881881",
        "４０１２８８８８８８８８１８８１",
        "٤٠١٢٨٨٨٨٨٨٨٨١٨٨١",
        "1" * 2_000_000,
    ],
)
def test_what_is_not_sixteen_digits_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumber, match="length"):
        parse_number(text)
