"""Looks: how often a receipt was looked at, and nothing about who looked.

Kept in memory for a moment and written together, because a check must not wait for a disk; a look that is lost when a
process dies is no loss to anyone's right. What remains is a count, the first day, and how old the receipt was then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Date, LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

AGES = (
    (timedelta(seconds=10), "10s"),
    (timedelta(minutes=1), "1min"),
    (timedelta(minutes=10), "10min"),
    (timedelta(hours=1), "1h"),
    (timedelta(days=1), "1d"),
)
LATER = "later"


def age_class(age: timedelta) -> str:
    """How old a receipt was at its first look, coarsely."""
    return next((name for limit, name in AGES if age < limit), LATER)


@dataclass(frozen=True, slots=True)
class Looked:
    """Looks at one receipt: how many, the day of the first (UTC), the receipt's age class then."""

    times: int
    first_day: date
    first_age: str


@dataclass(slots=True)
class Looks:
    """Looks that are not written yet."""

    pending: dict[bytes, Looked] = field(default_factory=dict)

    def note(self, cti: bytes, issued_at: datetime, now: datetime) -> None:
        """Count one look."""
        before = self.pending.get(cti)
        if before is None:
            self.pending[cti] = Looked(1, now.astimezone(UTC).date(), age_class(now - issued_at))
        else:
            self.pending[cti] = replace(before, times=before.times + 1)

    def take(self) -> Mapping[bytes, Looked]:
        """Hand over what is pending, to be written."""
        taken, self.pending = self.pending, {}
        return taken

    def give_back(self, taken: Mapping[bytes, Looked]) -> None:
        """Writing failed: count them again next time."""
        for cti, looked in taken.items():
            since = self.pending.get(cti)
            self.pending[cti] = looked if since is None else replace(looked, times=looked.times + since.times)

    def together(self, cti: bytes, written: Looked | None) -> Looked | None:
        """All looks at a receipt so far, written and pending; None when there were none."""
        waiting = self.pending.get(cti)
        if written is None or waiting is None:
            return written or waiting
        return replace(written, times=written.times + waiting.times)


async def write(session: AsyncSession, taken: Mapping[bytes, Looked]) -> None:
    """Add looks to what is kept. In the order of their keys, so that two processes never wait for each other."""
    await session.execute(
        text(
            "INSERT INTO look (cti, times, first_day, first_age) VALUES (:cti, :times, :first_day, :first_age)"
            " ON CONFLICT (cti) DO UPDATE SET times = look.times + excluded.times"
        ).bindparams(bindparam("cti", type_=LargeBinary), bindparam("first_day", type_=Date)),
        [
            {"cti": cti, "times": looked.times, "first_day": looked.first_day, "first_age": looked.first_age}
            for cti, looked in sorted(taken.items())
        ],
    )
