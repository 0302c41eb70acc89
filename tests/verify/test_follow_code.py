"""Follow codes: drawn, typed, shown, hashed."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify import follow_code
from verify.errors import MalformedFollowCode

CODE = "0123456789012345678901234"


def test_a_code_is_twenty_five_digits_and_never_the_same() -> None:
    """83 bits: leading zeros count."""
    codes = {follow_code.draw() for _ in range(100)}
    assert 100 == len(codes)
    assert {25} == {len(code) for code in codes}
    assert all(follow_code.parse(code) == code for code in codes)


def test_a_code_is_shown_in_five_groups_of_five() -> None:
    """So that nobody takes it for a receipt number, which has four of four."""
    assert "01234-56789-01234-56789-01234" == follow_code.shown(CODE)


@pytest.mark.parametrize("typed", ["01234-56789-01234-56789-01234", " 01234 56789 01234\u00a056789\n01234", "0123456789-0123456789-01234"])
def test_spaces_and_hyphens_are_the_readers_to_use(typed: str) -> None:
    """However they wrote it down."""
    assert CODE == follow_code.parse(typed)


@pytest.mark.parametrize("typed", ["", CODE[:-1], CODE + "5", CODE[:-1] + "x", CODE[:-1] + "٤", "-" * 25])
def test_anything_else_is_malformed(typed: str) -> None:
    """Too short, too long, letters, digits of other scripts."""
    with pytest.raises(MalformedFollowCode):
        follow_code.parse(typed)


@given(st.from_regex(r"[0-9]{25}", fullmatch=True))
def test_what_is_shown_can_be_typed_back(digits: str) -> None:
    """Round trip."""
    assert digits == follow_code.parse(follow_code.shown(digits))


def test_what_is_stored_is_the_sha256_of_the_digits() -> None:
    """Nothing more, so that the database does not open anybody's dialogue."""
    assert sha256(CODE.encode()).digest() == follow_code.digest(CODE)
