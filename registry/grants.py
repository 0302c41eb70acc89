"""Grants: who may do what, where, from when to when.

A grant is proposed by one administrator and approved by another person; a role counts only between its dates, once
approved and until ended. The first start writes exactly two administrators, each standing for the other's grant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official, random_id
from registry.errors import AlreadyDecided, AlreadyStarted, NotAllowed
from registry.four_eyes import Part, hands, take_part
from registry.installation import STARTED, Installation
from registry.officers import Officer
from registry.places import Authority, PlainJSON


class Role(StrEnum):
    """What a grant lets its holder do."""

    CLERK = "clerk"
    EDITOR = "editor"
    APPROVER = "approver"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


class Grant(Base):
    """A right as proposed. Without an authority it holds everywhere; without counters, at every counter of the office or authority."""

    __tablename__ = "officer_grant"
    __table_args__ = (
        *hands("id", maker="maker"),
        CheckConstraint("role IN ('clerk', 'editor', 'approver', 'inspector', 'administrator')", name="role"),
        # An office is named with its own authority, so that whoever has a right there is seen to have a stake there.
        ForeignKeyConstraint(["office_id", "authority_id"], ["office.id", "office.authority_id"]),
        CheckConstraint("office_id IS NULL OR authority_id IS NOT NULL", name="office"),
        official(),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    authority_id: Mapped[str | None] = mapped_column(ForeignKey("authority.id"))
    office_id: Mapped[str | None] = mapped_column(String(64))
    counters: Mapped[list[str] | None] = mapped_column(PlainJSON)
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    maker_id: Mapped[int]
    maker_part: Mapped[str] = mapped_column(String(8), default=Part.MAKER)


class GrantApproval(Base):
    """A second person stands for the grant; without this row it is only a wish."""

    __tablename__ = "officer_grant_approval"
    __table_args__ = (*hands("grant_id", checker="checker"), official())

    grant_id: Mapped[str] = mapped_column(ForeignKey("officer_grant.id"), primary_key=True)
    approved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    checker_id: Mapped[int]
    checker_part: Mapped[str] = mapped_column(String(8), default=Part.CHECKER)


class GrantEnd(Base):
    """The grant stops here. One administrator is enough to take a right away."""

    __tablename__ = "officer_grant_end"
    __table_args__ = official()

    grant_id: Mapped[str] = mapped_column(ForeignKey("officer_grant.id"), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    reason: Mapped[str] = mapped_column(String(500))


@dataclass(frozen=True, slots=True)
class Power:
    """One right that holds now."""

    role: Role
    authority: str | None
    office: str | None
    counters: frozenset[str] | None

    def covers(self, *, authority: str | None = None, office: str | None = None, counter: str | None = None) -> bool:
        """Whether the right reaches this place; a place left out is not asked about."""
        return (
            (self.authority is None or authority is None or self.authority == authority)
            and (self.office is None or office is None or self.office == office)
            and (self.counters is None or counter is None or counter in self.counters)
        )


async def powers(session: AsyncSession, officer: Officer, now: datetime) -> tuple[Power, ...]:
    """What this account may do at `now`."""
    rows = await session.execute(
        select(Grant.role, Grant.authority_id, Grant.office_id, Grant.counters)
        .join(GrantApproval, GrantApproval.grant_id == Grant.id)
        .outerjoin(GrantEnd, GrantEnd.grant_id == Grant.id)
        .where(Grant.officer_id == officer.id, Grant.valid_from <= now, or_(Grant.valid_to.is_(None), Grant.valid_to > now))
        .where(or_(GrantEnd.ended_at.is_(None), GrantEnd.ended_at > now))
    )
    return tuple(
        Power(Role(role), authority, office, None if counters is None else frozenset(counters))
        for role, authority, office, counters in rows
    )


def allows(
    held: Iterable[Power], role: Role, *, authority: str | None = None, office: str | None = None, counter: str | None = None
) -> bool:
    """Whether one of these rights is `role` and reaches the place."""
    return any(power.role is role and power.covers(authority=authority, office=office, counter=counter) for power in held)


async def authorities_of_person(session: AsyncSession, person_id: int) -> frozenset[str]:
    """Every authority for which this person ever held an approved right other than inspecting, under any account: their stake.

    Who works everywhere has a stake everywhere; an administrator of the whole charges nobody anything.
    """
    rows = await session.execute(
        select(Grant.authority_id, Grant.role)
        .join(GrantApproval, GrantApproval.grant_id == Grant.id)
        .join(Officer, Officer.id == Grant.officer_id)
        .where(Officer.person_id == person_id, Grant.role != Role.INSPECTOR)
    )
    held = [(place, role) for place, role in rows]
    if any(place is None and role != Role.ADMINISTRATOR for place, role in held):
        return frozenset(await session.scalars(select(Authority.id)))
    return frozenset(place for place, _ in held if place is not None)


async def _is_administrator(session: AsyncSession, officer: Officer, now: datetime) -> bool:
    return allows(await powers(session, officer, now), Role.ADMINISTRATOR)


async def propose(
    session: AsyncSession,
    *,
    by: Officer,
    officer: Officer,
    role: Role,
    now: datetime,
    authority: str | None = None,
    office: str | None = None,
    counters: Sequence[str] | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Grant:
    """Propose a grant. Raises NotAllowed unless `by` is an administrator."""
    if not await _is_administrator(session, by, now):
        raise NotAllowed("only an administrator proposes a grant")
    return await _propose(session, by, officer, role, now, authority, office, counters, valid_from or now, valid_to)


async def _propose(
    session: AsyncSession,
    by: Officer,
    officer: Officer,
    role: Role,
    now: datetime,
    authority: str | None,
    office: str | None,
    counters: Sequence[str] | None,
    valid_from: datetime,
    valid_to: datetime | None,
) -> Grant:
    matter = f"grant:{random_id()}"
    await take_part(session, matter, by, Part.MAKER, now)
    grant = Grant(
        id=matter,
        officer_id=officer.id,
        role=role,
        authority_id=authority,
        office_id=office,
        counters=None if counters is None else list(counters),
        valid_from=valid_from,
        valid_to=valid_to,
        proposed_at=now,
        maker_id=by.person_id,
    )
    session.add(grant)
    await session.flush()
    return grant


async def approve(session: AsyncSession, *, by: Officer, grant: Grant, now: datetime) -> None:
    """Approve a grant. Raises NotAllowed, SamePerson, AlreadyDecided."""
    if not await _is_administrator(session, by, now):
        raise NotAllowed("only an administrator approves a grant")
    if by.person_id == (await session.get_one(Officer, grant.officer_id)).person_id:
        raise NotAllowed("nobody approves a grant to themselves")
    await _approve(session, by, grant, now)


async def _approve(session: AsyncSession, by: Officer, grant: Grant, now: datetime) -> None:
    if await session.get(GrantApproval, grant.id) is not None:
        raise AlreadyDecided(grant.id)
    await take_part(session, grant.id, by, Part.CHECKER, now)
    session.add(GrantApproval(grant_id=grant.id, approved_at=now, checker_id=by.person_id))
    await session.flush()


async def end(session: AsyncSession, *, by: Officer, grant: Grant, reason: str, now: datetime) -> None:
    """End a grant at once. Raises NotAllowed, AlreadyDecided."""
    if not await _is_administrator(session, by, now):
        raise NotAllowed("only an administrator ends a grant")
    if await session.get(GrantEnd, grant.id) is not None:
        raise AlreadyDecided(grant.id)
    session.add(GrantEnd(grant_id=grant.id, ended_at=now, ended_by=by.id, reason=reason))
    await session.flush()


async def start(session: AsyncSession, first: Officer, second: Officer, now: datetime) -> None:
    """Make the first two administrators, of two persons, each approved by the other. Raises AlreadyStarted, SamePerson."""
    try:
        async with session.begin_nested():
            session.add(Installation(fact=STARTED))
    except IntegrityError as again:
        raise AlreadyStarted from again
    for officer, other in ((first, second), (second, first)):
        grant = await _propose(session, other, officer, Role.ADMINISTRATOR, now, None, None, None, now, None)
        await _approve(session, officer, grant, now)
