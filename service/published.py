"""The published facts of this process, kept fresh; and, where it may sign, the keys and the note over the snapshot."""

import asyncio
from dataclasses import dataclass, field

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from registry import keys
from registry.errors import NoSigningKey
from registry.keys import Signer
from registry.log.note import sign_note
from registry.publication import Publication, newest_note, record_note
from registry.snapshot import Facts
from registry.snapshot_files import Index, note_text
from service.clock import Clock
from service.db import Database
from service.settings import Settings

log = structlog.get_logger()

EVERY = 0.5
"""Seconds between two questions to the database whether anything changed; a change is seen everywhere within two."""


def note_name(settings: Settings) -> str:
    """The name that the snapshot's note is signed under."""
    return f"{settings.host}/snapshot"


@dataclass(frozen=True, slots=True)
class SignedSnapshot:
    """An index with the note over it and the parts it names, by path below `/snapshot/`."""

    index: bytes
    note: str
    files: dict[str, bytes]


@dataclass(slots=True)
class Published:
    """What the process knows of the published facts."""

    database: Database
    settings: Settings
    clock: Clock
    passphrase: bytes | None
    publication: Publication = field(default_factory=Publication)
    signed: SignedSnapshot | None = None
    _signers: dict[str | None, Signer] = field(default_factory=dict)
    _unsigned: bool = True
    _before: SignedSnapshot | None = None

    @property
    def facts(self) -> Facts:
        """The facts as of now."""
        return self.publication.facts

    async def refresh(self) -> None:
        """Take in what changed, and see to its note."""
        async with self.database.read() as session:
            if await self.publication.refresh(session):
                self._signers.clear()
                self._unsigned = True
        if self._unsigned:
            await self._see_to_note()

    async def keep_fresh(self) -> None:
        """For ever; a database that is away for a while is asked again."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 (whatever it was: a process that stops asking serves old facts for ever)
                log.warning("published facts not refreshed", error=type(error).__name__)

    async def signer(self, session: AsyncSession, authority: str | None) -> Signer:
        """The key an authority signs with now (None: the note key). Raises NoSigningKey, in a public process always."""
        now = self.clock.now()
        held = self._signers.get(authority)
        if held is not None and (authority is None or self._in_force(held)):
            return held
        if self.passphrase is None:
            raise NoSigningKey("this process has no passphrase", authority=authority or "note")
        found = self._signers[authority] = await keys.signer(session, authority, self.passphrase, now)
        return found

    def _in_force(self, signer: Signer) -> bool:
        entry = self.facts.key(signer.kid)
        now = self.clock.now()
        return entry is not None and entry.revoked_at is None and entry.not_before <= now < entry.not_after

    def file(self, path: str) -> bytes | None:
        """One part of the snapshot by its path below `/snapshot/`; the one before stays for who is still reading its index."""
        for snapshot in (self.signed, self._before):
            if snapshot is not None and path in snapshot.files:
                return snapshot.files[path]
        return None

    async def _see_to_note(self) -> None:
        """Sign the index, or wait for a process that can; until then the snapshot before stays the one we serve."""
        index = Index.of(self.facts, self.settings.origin)
        data = index.canonical()
        async with self.database.read() as session:
            note = await newest_note(session, data)
        if note is None and self.passphrase is not None:
            async with self.database.write() as session:
                try:
                    signer = await self.signer(session, None)
                except NoSigningKey:
                    return
                note = sign_note(note_text(data, self.facts.as_of), note_name(self.settings), signer.private)
                note = await record_note(session, data, note, self.clock.now())
        if note is not None:
            # A path names its bytes: what it held before it holds now.
            held = {} if self.signed is None else self.signed.files
            files = {ref.path: held.get(ref.path) or self.facts.parts[ref.id].canonical() for ref in index.authorities}
            files |= {ref.path: held.get(ref.path) or self.facts.void_days[ref.day].canonical() for ref in index.voids}
            self.signed, self._before = SignedSnapshot(data, note, files), self.signed
            self._unsigned = False
