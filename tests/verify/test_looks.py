"""Looks: counted together, written together, and nothing in them about who looked."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.receipts.tables import Look
from tests.world import NOW
from verify.looks import Looked, Looks, age_class, write

ISSUED = NOW - timedelta(seconds=30)
ONE, TWO = b"\x01" * 10, b"\x02" * 10


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (-5, "10s"), (0, "10s"), (9.9, "10s"), (10, "1min"), (59, "1min"), (60, "10min"), (599, "10min"), (600, "1h"), (3599, "1h"),
        (3600, "1d"), (86399, "1d"), (86400, "later"), (10**8, "later"),
    ],
)  # fmt: skip
def test_the_age_at_the_first_look_is_kept_coarsely(age: float, expected: str) -> None:
    assert expected == age_class(timedelta(seconds=age))


def test_looks_add_up_and_the_first_one_keeps_its_day_and_age() -> None:
    looks = Looks()
    assert looks.together(ONE, None) is None
    looks.note(ONE, ISSUED, NOW)
    looks.note(ONE, ISSUED, NOW + timedelta(days=3))
    looks.note(TWO, ISSUED, NOW)
    assert Looked(2, NOW.date(), "1min") == looks.together(ONE, None)
    written = Looked(40, date(2026, 10, 1), "10s")
    assert Looked(42, date(2026, 10, 1), "10s") == looks.together(ONE, written)
    assert written == looks.together(b"\x03" * 10, written)


def test_the_day_is_that_of_utc() -> None:
    looks = Looks()
    skopje = datetime.fromisoformat("2026-11-25T00:30:00+01:00")
    looks.note(ONE, skopje, skopje)
    assert Looked(1, date(2026, 11, 24), "10s") == looks.together(ONE, None)


def test_what_could_not_be_written_is_counted_again() -> None:
    """And what came meanwhile is not lost, nor takes the first day."""
    looks = Looks()
    looks.note(ONE, ISSUED, NOW)
    taken = looks.take()
    assert {} == looks.take()
    looks.note(ONE, ISSUED, NOW + timedelta(days=1))
    looks.note(TWO, ISSUED, NOW)
    looks.give_back(taken)
    assert {ONE: Looked(2, NOW.date(), "1min"), TWO: Looked(1, NOW.date(), "1min")} == looks.take()


@pytest.mark.database
async def test_writing_adds_to_what_is_kept(session: AsyncSession) -> None:
    await write(session, {ONE: Looked(2, NOW.date(), "1min"), TWO: Looked(1, NOW.date(), "1h")})
    await write(session, {ONE: Looked(3, NOW.date() + timedelta(days=1), "later")})
    rows = await session.execute(select(Look.cti, Look.times, Look.first_day, Look.first_age).order_by(Look.cti))
    assert [(ONE, 5, NOW.date(), "1min"), (TWO, 1, NOW.date(), "1h")] == [tuple(row) for row in rows]


def test_a_look_knows_no_more_than_this() -> None:
    """Whoever wants to keep more must change this test, and say why."""
    assert ["times", "first_day", "first_age"] == list(Looked.__dataclass_fields__)
