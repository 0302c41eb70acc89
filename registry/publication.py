"""Publication: the snapshot built from the database, only the parts that changed, and the note that vouches for it.

Every process keeps the published facts in memory and asks the marks what changed. A process that may sign also writes the
note over the index; public processes read the newest note from the database.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from sqlalchemy import String, Text, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, UTCDateTime, official
from registry.fees.schedule import versions_of
from registry.fees.tables import FeeVersion, FeeVersionEnd
from registry.keys import KeyCertification, KeyRevocation, SigningKey, published_keys
from registry.marks import marks
from registry.places import Authority, authority, counters_of, offices_of
from registry.places import Counter as CounterRow
from registry.places import Office as OfficeRow
from registry.receipts.tables import Void
from registry.snapshot import AuthorityPart, Counter, Facts, Office, VoidDay, void_prefix

VOIDS = "voids/"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class SnapshotNote(Base):
    """A signed note over one index, named by the index's SHA-256."""

    __tablename__ = "snapshot_note"
    __table_args__ = official()

    index_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    note: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(slots=True)
class Publication:
    """The published facts as this process knows them, with the marks they were built at."""

    facts: Facts = field(default_factory=lambda: Facts.build((), as_of=BEGINNING))
    seen: dict[str, int] = field(default_factory=dict)

    async def refresh(self, session: AsyncSession) -> bool:
        """Rebuild what changed since the last time; True when anything did."""
        now_marked = await marks(session)
        changed = [part for part, revision in now_marked.items() if self.seen.get(part) != revision]
        if not changed:
            return False
        as_of = await newest_fact(session)
        authorities = [await build_authority(session, part) for part in changed if not part.startswith(VOIDS)]
        voids = [await build_voids(session, date.fromisoformat(part.removeprefix(VOIDS))) for part in changed if part.startswith(VOIDS)]
        self.facts = self.facts.with_parts(authorities, as_of=as_of).with_voids(voids, as_of=as_of)
        self.seen = now_marked
        return True


async def build_authority(session: AsyncSession, authority_id: str) -> AuthorityPart:
    """All that one authority publishes. Raises UnknownPlace."""
    row = await authority(session, authority_id)
    return AuthorityPart(
        id=row.id,
        names=row.names,
        time_zone=row.time_zone,
        language=row.language,
        supervised_by=row.supervised_by,
        offices=tuple(Office(office.id, office.names) for office in await offices_of(session, row.id)),
        counters=tuple(
            Counter(counter.id, counter.number, counter.office_id, counter.kind) for counter in await counters_of(session, row.id)
        ),
        keys=tuple(await published_keys(session, row.id)),
        versions=tuple(await versions_of(session, row.id)),
    )


async def build_voids(session: AsyncSession, day: date) -> VoidDay:
    """What was voided on a day, UTC."""
    begins = datetime.combine(day, time(), UTC)
    voided = await session.scalars(select(Void.cti).where(Void.voided_at >= begins, Void.voided_at < begins + timedelta(days=1)))
    return VoidDay(day, frozenset(void_prefix(cti) for cti in voided))


async def newest_fact(session: AsyncSession) -> datetime:
    """The time of the newest public fact, in whole seconds."""
    columns = (
        Authority.opened_at,
        OfficeRow.opened_at,
        CounterRow.opened_at,
        KeyCertification.certified_at,
        KeyRevocation.recorded_at,
        FeeVersion.published_at,
        FeeVersionEnd.recorded_at,
        Void.voided_at,
    )
    newest = [await session.scalar(select(func.max(column))) for column in columns]
    return max((moment for moment in newest if moment is not None), default=BEGINNING).replace(microsecond=0)


async def newest_note(session: AsyncSession, index: bytes) -> str | None:
    """The note over this index, once a signing process has written it."""
    found = await session.get(SnapshotNote, sha256(index).hexdigest())
    return None if found is None else found.note


async def verifier_key(session: AsyncSession) -> bytes | None:
    """The public key that notes are signed with, the newest there is."""
    return await session.scalar(select(SigningKey.public).where(SigningKey.use == "note").order_by(SigningKey.not_before.desc()).limit(1))


async def record_note(session: AsyncSession, index: bytes, note: str, now: datetime) -> str:
    """Keep a note, and give back the one that is kept: another process may have been first, in this very moment."""
    # On SQLite nobody else writes meanwhile, and a row that is there already is refused rather than passed over.
    held = await newest_note(session, index)
    if held is not None:
        return held
    insert = text("INSERT INTO snapshot_note (index_sha256, note, signed_at) VALUES (:key, :note, :now) ON CONFLICT DO NOTHING")
    values = {"key": sha256(index).hexdigest(), "note": note, "now": now}
    await session.execute(insert.bindparams(bindparam("now", type_=UTCDateTime)), values)
    return await newest_note(session, index) or note
