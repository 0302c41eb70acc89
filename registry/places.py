"""Where fees are charged: authorities, their offices, the counters in them."""

from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from registry.db import Base, UTCDateTime, official
from registry.errors import UnknownPlace
from registry.marks import touch

Words = dict[str, str]
"""One text by language: `{"en": …, "sq": …}`."""

PlainJSON = JSON().with_variant(JSONB(), "postgresql")

Place = TypeVar("Place", bound=Base)


class Authority(Base):
    """A public organisation that charges fees, or that supervises those that do."""

    __tablename__ = "authority"
    __table_args__ = official()

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    names: Mapped[Words] = mapped_column(PlainJSON)
    time_zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    supervised_by: Mapped[str | None] = mapped_column(ForeignKey("authority.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuthoritySuccession(Base):
    """One authority took over from another: mergers, renamings, splits."""

    __tablename__ = "authority_succession"
    __table_args__ = official()

    authority_id: Mapped[str] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    succeeded_by: Mapped[str] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    on: Mapped[date] = mapped_column("on_date")
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Office(Base):
    """A place where an authority receives people."""

    __tablename__ = "office"
    __table_args__ = (UniqueConstraint("id", "authority_id"), official())

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    authority_id: Mapped[str] = mapped_column(ForeignKey("authority.id"))
    names: Mapped[Words] = mapped_column(PlainJSON)
    address: Mapped[Words] = mapped_column(PlainJSON)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Counter(Base):
    """A desk, kiosk or online channel. Its number is what the receipt carries."""

    __tablename__ = "counter"
    __table_args__ = (
        ForeignKeyConstraint(["office_id", "authority_id"], ["office.id", "office.authority_id"]),
        UniqueConstraint("authority_id", "number"),
        CheckConstraint("kind IN ('server', 'device')", name="kind"),
        CheckConstraint("number > 0", name="number"),
        official(),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    office_id: Mapped[str] = mapped_column(String(64))
    authority_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8), default="server")
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CounterHead(Base):
    """Where a counter's chain stands. Its row lock is what makes serials follow each other; it may be rebuilt from receipts."""

    __tablename__ = "counter_head"

    counter_id: Mapped[str] = mapped_column(ForeignKey("counter.id"), primary_key=True)
    serial: Mapped[int] = mapped_column(default=0)
    link: Mapped[bytes | None] = mapped_column(LargeBinary(8))


async def authority(session: AsyncSession, authority_id: str) -> Authority:
    """Raises UnknownPlace."""
    found = await session.get(Authority, authority_id)
    if found is None:
        raise UnknownPlace(authority_id, place=authority_id)
    return found


async def office(session: AsyncSession, office_id: str) -> Office:
    """Raises UnknownPlace."""
    found = await session.get(Office, office_id)
    if found is None:
        raise UnknownPlace(office_id, place=office_id)
    return found


async def counter(session: AsyncSession, counter_id: str) -> Counter:
    """Raises UnknownPlace."""
    found = await session.get(Counter, counter_id)
    if found is None:
        raise UnknownPlace(counter_id, place=counter_id)
    return found


async def offices_of(session: AsyncSession, authority_id: str) -> list[Office]:
    """By id."""
    return list(await session.scalars(select(Office).where(Office.authority_id == authority_id).order_by(Office.id)))


async def counters_of(session: AsyncSession, authority_id: str) -> list[Counter]:
    """By number."""
    return list(await session.scalars(select(Counter).where(Counter.authority_id == authority_id).order_by(Counter.number)))


async def open_authority(session: AsyncSession, *, now: datetime, **facts: object) -> Authority:
    """Record a new authority."""
    return await _open(session, Authority(opened_at=now, **facts), facts["id"])


async def open_office(session: AsyncSession, *, now: datetime, **facts: object) -> Office:
    """Record a new office of an authority."""
    return await _open(session, Office(opened_at=now, **facts), facts["authority_id"])


async def open_counter(session: AsyncSession, *, now: datetime, **facts: object) -> Counter:
    """Record a new counter; its chain starts empty."""
    opened = await _open(session, Counter(opened_at=now, **facts), facts["authority_id"])
    session.add(CounterHead(counter_id=opened.id, serial=0, link=None))
    await session.flush()
    return opened


async def _open(session: AsyncSession, place: Place, authority_id: object) -> Place:
    session.add(place)
    await session.flush()
    await touch(session, str(authority_id))
    return place
