"""The database engine, and the one place that commits: one request is one transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
BUSY_SECONDS = 10


def create_engine(database_url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine for `sqlite:///path` or `postgresql://…`, with the durability we promise."""
    url = make_url(database_url)
    url = url.set(drivername=DRIVERS[url.get_backend_name()])
    # Parameters stay out of messages, and so out of logs: they would tell which receipt, and what somebody wrote.
    if url.get_backend_name() == "postgresql":
        return create_async_engine(url, pool_size=pool_size, max_overflow=0, hide_parameters=True)
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        # The driver begins transactions by guessing; we begin them ourselves, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail when another wrote in between; so writers say so at once.
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class Database:
    """Sessions for one process. SQLite writes one transaction at a time, so writers queue here rather than poll its lock."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writing = async_sessionmaker(engine, expire_on_commit=False)
        self._reading = async_sessionmaker(engine.execution_options(writes=False), expire_on_commit=False)
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that may write: committed at the end, rolled back on any exception."""
        if self._turn is None:
            async with self._writing.begin() as session:
                yield session
        else:
            async with self._turn, self._writing.begin() as session:
                yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads."""
        async with self._reading.begin() as session:
            yield session

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()
