"""Four eyes: what matters takes two people, and the database knows it.

A matter is one thing to be decided: a fee draft, a grant, a key. Each person has one part in it, maker or checker, because
(matter, person) is the primary key. Whatever is decided refers to the checker's row by (matter, person, part), so an
approval by someone who also made it cannot be written, not by us and not by hand in SQL. That one person may hold two
accounts changes nothing: an account's person is fixed by a foreign key.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official
from registry.errors import SamePerson
from registry.officers import Officer


class Part(StrEnum):
    """What a person did in a matter."""

    MAKER = "maker"
    CHECKER = "checker"


class Hand(Base):
    """One person's part in one matter."""

    __tablename__ = "hand"
    __table_args__ = (
        UniqueConstraint("matter", "person_id", "part"),
        ForeignKeyConstraint(["officer_id", "person_id"], ["officer.id", "officer.person_id"]),
        CheckConstraint("part IN ('maker', 'checker')", name="part"),
        official(),
    )

    matter: Mapped[str] = mapped_column(String(80), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int]
    part: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


def hands(matter: str, *, maker: str | None = None, checker: str | None = None) -> Iterator[ForeignKeyConstraint | CheckConstraint]:
    """Constraints that tie a decision to its people: `maker` and `checker` name person columns, beside each stands `<name>_part`."""
    for column, part in ((maker, Part.MAKER), (checker, Part.CHECKER)):
        if column is not None:
            yield ForeignKeyConstraint([matter, f"{column}_id", f"{column}_part"], ["hand.matter", "hand.person_id", "hand.part"])
            yield CheckConstraint(f"{column}_part = '{part}'", name=f"{column}_part")


async def take_part(session: AsyncSession, matter: str, officer: Officer, part: Part, now: datetime) -> None:
    """Record that `officer` plays `part` in `matter`; playing the same part again is fine.

    Raises SamePerson when the person already played the other part.
    """
    taken = await session.scalar(select(Hand.part).where(Hand.matter == matter, Hand.person_id == officer.person_id))
    if taken is None:
        session.add(Hand(matter=matter, person_id=officer.person_id, officer_id=officer.id, part=part, at=now))
        await session.flush()
    elif taken != part:
        raise SamePerson("one person cannot both make and approve this")


async def persons(session: AsyncSession, matter: str, part: Part) -> list[int]:
    """Who played `part` in `matter`, in order of time."""
    return list(await session.scalars(select(Hand.person_id).where(Hand.matter == matter, Hand.part == part).order_by(Hand.at)))
