"""Proofs of who is asking: passwords (argon2id), staff sessions, API tokens.

Nothing that would open a door is stored: passwords as argon2id, session and API tokens as their SHA-256. Which grant a
request stands on is asked anew each time, so what is ended stops at once.
"""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official
from registry.errors import AlreadyDecided, SignInRefused, SignInThrottled, UnknownOfficer
from registry.grants import Role
from registry.officers import Officer, OfficerClosure, by_username
from registry.places import PlainJSON

SESSION_LENGTH = timedelta(hours=10)
FREE_ATTEMPTS = 5
LONGEST_WAIT = timedelta(minutes=15)
TOKEN_PREFIX = "taksa_"  # noqa: S105 (a prefix, so that secret scanners know our tokens when they leak)

_hasher = PasswordHasher()


def _unpadded(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


# What a name that does not exist is held against: as slow as any, and no password gives it.
_nobody = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${_unpadded(secrets.token_bytes(_hasher.salt_len))}${_unpadded(secrets.token_bytes(_hasher.hash_len))}"
)


class Password(Base):
    """A password of an account, numbered; the newest counts."""

    __tablename__ = "password"
    __table_args__ = (UniqueConstraint("officer_id", "number"), official())

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)


class StaffSession(Base):
    """A signed-in browser."""

    __tablename__ = "staff_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class APIToken(Base):
    """A key for machines, tied to one role, some counters and an end."""

    __tablename__ = "api_token"
    __table_args__ = official()

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    role: Mapped[str] = mapped_column(String(16))
    counters: Mapped[list[str] | None] = mapped_column(PlainJSON)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class APITokenEnd(Base):
    """An API token taken back before its time."""

    __tablename__ = "api_token_end"
    __table_args__ = official()

    token_hash: Mapped[bytes] = mapped_column(ForeignKey("api_token.token_hash"), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SignInThrottle(Base):
    """How often a name was tried in vain, and until when it must wait. Names that do not exist wait the same."""

    __tablename__ = "sign_in_throttle"

    username_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    until: Mapped[datetime] = mapped_column(UTCDateTime)


def hashed(password: str) -> str:
    """What is kept of a password. Slow on purpose; other threads need not wait for it."""
    return _hasher.hash(password)


async def set_first_password(session: AsyncSession, officer: Officer, password: str, now: datetime) -> None:
    """The password an account starts with. Raises AlreadyDecided when it has one: a reset is a matter for two administrators."""
    await record_first_password(session, officer, await asyncio.to_thread(hashed, password), now)


async def record_first_password(session: AsyncSession, officer: Officer, password_hash: str, now: datetime) -> None:
    """The same for a password that was hashed before. Raises AlreadyDecided."""
    if await session.scalar(select(Password.id).where(Password.officer_id == officer.id)) is not None:
        raise AlreadyDecided("the account has a password")
    session.add(Password(officer_id=officer.id, number=1, hash=password_hash, set_at=now))
    await session.flush()


async def count_attempt(session: AsyncSession, username: str, now: datetime) -> None:
    """Count an attempt as failed before it is looked at, so that many at once count as many; a good one is forgotten again.

    From the sixth on the name waits, twice as long each time, never longer than a quarter of an hour. Raises SignInThrottled.
    """
    key = _digest(username.strip().lower())
    counted = text(
        "INSERT INTO sign_in_throttle (username_hash, failures, until) VALUES (:key, 1, :now)"
        " ON CONFLICT (username_hash) DO UPDATE SET failures = sign_in_throttle.failures + 1 WHERE sign_in_throttle.until <= :now"
        " RETURNING failures"
    ).bindparams(bindparam("key", type_=LargeBinary), bindparam("now", type_=UTCDateTime))
    failures = await session.scalar(counted, {"key": key, "now": now})
    if failures is None:
        held = await session.get_one(SignInThrottle, key)
        raise SignInThrottled(seconds=int((held.until - now).total_seconds()) + 1)
    if failures > FREE_ATTEMPTS:
        wait = min(timedelta(seconds=2 ** min(failures - FREE_ATTEMPTS, 10)), LONGEST_WAIT)
        await session.execute(update(SignInThrottle).where(SignInThrottle.username_hash == key).values(until=now + wait))


async def check_password(session: AsyncSession, username: str, password: str) -> Officer:
    """The officer these belong to. Raises SignInRefused; takes as long for a name that does not exist."""
    try:
        officer = await by_username(session, username)
    except UnknownOfficer:
        officer = None
    stored = None
    if officer is not None:
        stored = await session.scalar(
            select(Password.hash).where(Password.officer_id == officer.id).order_by(Password.number.desc()).limit(1)
        )
    try:
        # Hashing is slow on purpose; it must not hold up everybody else.
        await asyncio.to_thread(_hasher.verify, stored or _nobody, password)
    except VerifyMismatchError:
        raise SignInRefused from None
    if officer is None or stored is None:
        raise SignInRefused
    return officer


async def forget_failures(session: AsyncSession, username: str) -> None:
    """After a good sign-in."""
    await session.execute(delete(SignInThrottle).where(SignInThrottle.username_hash == _digest(username.strip().lower())))


async def open_session(session: AsyncSession, officer: Officer, now: datetime) -> str:
    """A new session's secret; only its hash is kept. Sessions that ended are swept."""
    await session.execute(delete(StaffSession).where(StaffSession.ends_at < now))
    secret = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=_digest(secret), officer_id=officer.id, ends_at=now + SESSION_LENGTH))
    await session.flush()
    return secret


async def close_session(session: AsyncSession, secret: str) -> None:
    """Sign out."""
    await session.execute(delete(StaffSession).where(StaffSession.token_hash == _digest(secret)))


async def session_officer(session: AsyncSession, secret: str, now: datetime) -> Officer | None:
    """Whose session this is, or None when it is over or never was."""
    return await session.scalar(
        select(Officer)
        .join(StaffSession, StaffSession.officer_id == Officer.id)
        .where(StaffSession.token_hash == _digest(secret), StaffSession.ends_at > now)
        .where(Officer.id.not_in(select(OfficerClosure.officer_id)))
    )


async def issue_token(
    session: AsyncSession, officer: Officer, role: Role, *, counters: Sequence[str] | None, now: datetime, expires_at: datetime
) -> str:
    """A new API token's secret; only its hash is kept."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.add(
        APIToken(
            token_hash=_digest(secret),
            officer_id=officer.id,
            role=role,
            counters=None if counters is None else list(counters),
            issued_at=now,
            expires_at=expires_at,
        )
    )
    await session.flush()
    return secret


async def token_officer(session: AsyncSession, secret: str, now: datetime) -> tuple[Officer, Role, frozenset[str] | None] | None:
    """Whose token this is, with the role and counters it is limited to, or None."""
    row = (
        await session.execute(
            select(Officer, APIToken.role, APIToken.counters)
            .join(APIToken, APIToken.officer_id == Officer.id)
            .outerjoin(APITokenEnd, APITokenEnd.token_hash == APIToken.token_hash)
            .where(APIToken.token_hash == _digest(secret), APIToken.expires_at > now, APITokenEnd.ended_at.is_(None))
            .where(Officer.id.not_in(select(OfficerClosure.officer_id)))
        )
    ).first()
    if row is None:
        return None
    officer, role, counters = row
    return officer, Role(role), None if counters is None else frozenset(counters)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
