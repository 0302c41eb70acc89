"""What is kept of what people write."""

import pytest

from verify.cases.words import LIMIT, clean
from verify.errors import TextTooLong


@pytest.mark.parametrize("empty", [None, "", "  \r\n\t ", "\x00\x07"])
def test_no_words_are_no_text(empty: str | None) -> None:
    """Blank and absent are one thing."""
    assert clean(empty) is None


def test_what_no_database_can_hold_and_nobody_can_read_is_left_out() -> None:
    """U+0000 would be refused by PostgreSQL, a lone surrogate by every encoder; letters of all four languages stay."""
    assert "Платив 50 денари\nпреку, në dorë — čekao sam" == clean(" Платив\x00 50 денари\r\nпреку, në dorë\ud800 — čekao sam\x1b ")


def test_four_thousand_characters_are_kept_and_one_more_is_refused() -> None:
    """Refused whole, not cut: half a sentence may say the opposite."""
    assert LIMIT == len(clean("ж" * LIMIT) or "")
    with pytest.raises(TextTooLong):
        clean("ж" * (LIMIT + 1))
