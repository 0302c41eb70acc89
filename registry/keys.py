"""Signing keys: made by command, in force once two administrators certify them, revoked for ever.

The public half is official and published; the private half lies sealed (PKCS #8, encrypted with a passphrase that only
the serving host's file knows) in a table of its own, so that public processes never read it.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official, second_after
from registry.errors import AlreadyDecided, KeyNotUnlocked, NoSigningKey, NotAllowed, UnknownKey
from registry.four_eyes import Part, hands, persons, take_part
from registry.grants import Role, allows, powers
from registry.marks import touch
from registry.officers import Officer
from registry.places import PlainJSON
from registry.receipts.token import key_id
from registry.snapshot import KeyEntry

ED_DSA = -8
"""COSE algorithm id (RFC 9053); -19 (RFC 9864) is accepted in tokens when the entry says so."""


class SigningKey(Base):
    """The public half and its terms. `use` is server, device or note (signs the snapshot's index)."""

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint("\"use\" IN ('server', 'device', 'note')", name="use"),
        CheckConstraint("(authority_id IS NULL) = (\"use\" = 'note')", name="authority"),
        official(),
    )

    kid: Mapped[str] = mapped_column(String(16), primary_key=True)
    authority_id: Mapped[str | None] = mapped_column(ForeignKey("authority.id"))
    use: Mapped[str] = mapped_column(String(8))
    counters: Mapped[list[int] | None] = mapped_column(PlainJSON)
    alg: Mapped[int]
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    not_after: Mapped[datetime] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SealedKey(Base):
    """The private half, encrypted. Not official: it is sealed anew when the passphrase changes."""

    __tablename__ = "sealed_key"

    kid: Mapped[str] = mapped_column(ForeignKey("signing_key.kid"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)


class KeyCertification(Base):
    """Two administrators stand for the key; from here on receipts may be signed with it."""

    __tablename__ = "key_certification"
    __table_args__ = (
        *hands("matter", maker="maker", checker="checker"),
        CheckConstraint("matter = 'key:' || kid", name="matter"),
        official(),
    )

    kid: Mapped[str] = mapped_column(ForeignKey("signing_key.kid"), primary_key=True)
    matter: Mapped[str] = mapped_column(String(80))
    certified_at: Mapped[datetime] = mapped_column(UTCDateTime)
    maker_id: Mapped[int]
    maker_part: Mapped[str] = mapped_column(String(8), default=Part.MAKER)
    checker_id: Mapped[int]
    checker_part: Mapped[str] = mapped_column(String(8), default=Part.CHECKER)


class KeyRevocation(Base):
    """From `revoked_at` on the key signs nothing; from `compromised_at` on only what the register already held counts."""

    __tablename__ = "key_revocation"
    __table_args__ = official()

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(ForeignKey("signing_key.kid"), index=True)
    revoked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    compromised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(500))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and its id, ready to sign."""

    kid: bytes
    private: Ed25519PrivateKey


async def create(
    session: AsyncSession,
    *,
    authority: str | None,
    use: str,
    private: Ed25519PrivateKey,
    passphrase: bytes,
    not_before: datetime,
    not_after: datetime,
    now: datetime,
    counters: list[int] | None = None,
) -> SigningKey:
    """Record a new key, sealed. Until it is certified nothing is signed with it (a note key needs no certificate, it is pinned)."""
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = SigningKey(
        kid=key_id(public).hex(),
        authority_id=authority,
        use=use,
        counters=counters,
        alg=ED_DSA,
        public=public,
        # Public facts are whole seconds: a key's term begins no later and ends no later than was asked.
        not_before=not_before.replace(microsecond=0),
        not_after=not_after.replace(microsecond=0),
        created_at=now,
    )
    session.add(key)
    await session.flush()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    session.add(SealedKey(kid=key.kid, sealed=pem.decode()))
    await session.flush()
    return key


async def certify(session: AsyncSession, *, by: Officer, kid: str, now: datetime) -> bool:
    """One administrator's word for a key; True when it was the second and the key is now in force.

    Raises UnknownKey, NotAllowed, SamePerson (the same person twice), AlreadyDecided.
    """
    key = await _key(session, kid)
    if not allows(await powers(session, by, now), Role.ADMINISTRATOR):
        raise NotAllowed("only an administrator certifies a key")
    if await session.get(KeyCertification, kid) is not None:
        raise AlreadyDecided(kid)
    matter = f"key:{kid}"
    first = await persons(session, matter, Part.MAKER)
    await take_part(session, matter, by, Part.CHECKER if first else Part.MAKER, now)
    if first:
        session.add(KeyCertification(kid=kid, matter=matter, certified_at=now, maker_id=first[0], checker_id=by.person_id))
        await session.flush()
        if key.authority_id is not None:
            await touch(session, key.authority_id)
    return bool(first)


async def revoke(
    session: AsyncSession, *, kid: str, revoked_at: datetime, reason: str, now: datetime, compromised_at: datetime | None = None
) -> None:
    """Revoke a key for ever. Raises UnknownKey."""
    key = await _key(session, kid)
    session.add(
        KeyRevocation(
            kid=kid,
            revoked_at=second_after(revoked_at),
            compromised_at=None if compromised_at is None else compromised_at.replace(microsecond=0),
            reason=reason,
            recorded_at=second_after(now),
        )
    )
    await session.flush()
    if key.authority_id is not None:
        await touch(session, key.authority_id)


async def published_keys(session: AsyncSession, authority: str) -> list[KeyEntry]:
    """Every certified key of an authority, by id, with the earliest moment it was revoked and compromised at."""
    rows = await session.scalars(
        select(SigningKey)
        .join(KeyCertification, KeyCertification.kid == SigningKey.kid)
        .where(SigningKey.authority_id == authority)
        .order_by(SigningKey.kid)
    )
    keys = list(rows)
    revocations: dict[str, list[KeyRevocation]] = {}
    for revocation in await session.scalars(
        select(KeyRevocation).where(KeyRevocation.kid.in_([key.kid for key in keys])).order_by(KeyRevocation.revoked_at, KeyRevocation.id)
    ):
        revocations.setdefault(revocation.kid, []).append(revocation)
    return [_entry(key, revocations.get(key.kid, [])) for key in keys]


def _entry(key: SigningKey, revocations: list[KeyRevocation]) -> KeyEntry:
    compromised = [revocation.compromised_at for revocation in revocations if revocation.compromised_at is not None]
    return KeyEntry(
        kid=bytes.fromhex(key.kid),
        authority=str(key.authority_id),
        use=key.use,
        counters=None if key.counters is None else tuple(key.counters),
        alg=key.alg,
        public=key.public,
        not_before=key.not_before,
        not_after=key.not_after,
        revoked_at=revocations[0].revoked_at if revocations else None,
        compromised_at=min(compromised, default=None),
        reason=revocations[0].reason if revocations else None,
    )


async def _key(session: AsyncSession, kid: str) -> SigningKey:
    found = await session.get(SigningKey, kid)
    if found is None:
        raise UnknownKey(kid)
    return found


def unseal(sealed: str, passphrase: bytes) -> Ed25519PrivateKey:
    """Raises KeyNotUnlocked."""
    try:
        private = load_pem_private_key(sealed.encode(), passphrase)
    except (ValueError, TypeError) as error:  # a TypeError when the passphrase is empty
        raise KeyNotUnlocked("wrong passphrase") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyNotUnlocked("not an Ed25519 key")
    return private


async def signer(session: AsyncSession, authority: str | None, passphrase: bytes, now: datetime) -> Signer:
    """The newest key in force for an authority (or, for None, the note key). Raises NoSigningKey, KeyNotUnlocked."""
    statement = (
        select(SigningKey.kid, SealedKey.sealed)
        .join(SealedKey, SealedKey.kid == SigningKey.kid)
        .outerjoin(KeyRevocation, KeyRevocation.kid == SigningKey.kid)
        .where(SigningKey.not_before <= now, SigningKey.not_after > now, KeyRevocation.id.is_(None))
        .order_by(SigningKey.not_before.desc(), SigningKey.kid)
        .limit(1)
    )
    if authority is None:
        statement = statement.where(SigningKey.use == "note")
    else:
        statement = statement.join(KeyCertification, KeyCertification.kid == SigningKey.kid).where(
            SigningKey.authority_id == authority, SigningKey.use == "server"
        )
    row = (await session.execute(statement)).first()
    if row is None:
        raise NoSigningKey(authority or "note", authority=authority or "note")
    private = unseal(row.sealed, passphrase)
    # What is sealed may be sealed anew, and so exchanged: nothing is signed that its published half would not verify.
    if key_id(private.public_key().public_bytes_raw()).hex() != row.kid:
        raise KeyNotUnlocked("another key is sealed under this id")
    return Signer(bytes.fromhex(row.kid), private)
