"""People on the staff: a person is a human being, an officer is an account of theirs. What they may do is in `grants`."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official
from registry.errors import UnknownOfficer


class Person(Base):
    """A human being on the staff, known by their staff number."""

    __tablename__ = "person"
    __table_args__ = official()

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Officer(Base):
    """An account of a person. A person may have several; they stay one person."""

    __tablename__ = "officer"
    __table_args__ = (UniqueConstraint("id", "person_id"), official())

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    username: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(8), default="en")
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)


class OfficerClosure(Base):
    """The end of an account."""

    __tablename__ = "officer_closure"
    __table_args__ = official()

    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(500))


async def by_username(session: AsyncSession, username: str) -> Officer:
    """The open account of that name, in any case. Raises UnknownOfficer."""
    closed = select(OfficerClosure.officer_id)
    found = await session.scalar(select(Officer).where(Officer.username == username.strip().lower(), Officer.id.not_in(closed)))
    if found is None:
        raise UnknownOfficer(username)
    return found


async def add(session: AsyncSession, *, staff_number: str, full_name: str, username: str, now: datetime, language: str = "en") -> Officer:
    """A new account, for a new person or, by staff number, for one we know. It may do nothing until it is granted something."""
    person = await session.scalar(select(Person).where(Person.staff_number == staff_number))
    if person is None:
        person = Person(staff_number=staff_number, full_name=full_name, recorded_at=now)
        session.add(person)
        await session.flush()
    officer = Officer(person_id=person.id, username=username.strip().lower(), language=language, opened_at=now)
    session.add(officer)
    await session.flush()
    return officer
