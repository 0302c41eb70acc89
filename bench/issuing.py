"""Issuing, durable: sixteen writers on sixteen counters, against what one writer of the same driver can commit at all.

A bare commit is one small row inserted and committed, with the driver itself and nothing of ours.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiosqlite
import asyncpg

from bench.report import report
from bench.store import COUNTERS, Store, counter, stores
from registry.grants import powers
from registry.receipts import issue
from service.db import Database, create_engine
from tests.world import NOW, TOWN

SECONDS = 4.0
TARGETS = {"PostgreSQL": 0.20, "SQLite": 0.10}


def main() -> bool:
    """Measure and print."""
    with stores() as founded:
        met = [asyncio.run(measure(store)) for store in reversed(founded)]
    return all(met)


async def measure(store: Store) -> bool:
    """One database: bare commits, then receipts."""
    bare = await (bare_postgresql if store.name == "PostgreSQL" else bare_sqlite)(store)
    issued = await issuing(store)
    detail = f"{issued:,.0f} receipts/s by {COUNTERS} writers, {bare:,.0f} bare commits/s by one"
    return report(f"issue, durable, {store.name} / bare commits", issued / bare, TARGETS[store.name], detail=detail)


async def bare_postgresql(store: Store) -> float:
    """Single-row commits a second by one connection."""
    connection = await asyncpg.connect(store.url)
    await connection.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, filler text)")

    async def commit() -> None:
        async with connection.transaction():
            await connection.execute("INSERT INTO bare (filler) VALUES ($1)", "x" * 100)

    found = await _rate([commit])
    await connection.close()
    return found


async def bare_sqlite(store: Store) -> float:
    """Single-row commits a second by one connection, as durable as ours."""
    async with aiosqlite.connect(store.url.removeprefix("sqlite:///"), isolation_level=None) as connection:
        await connection.execute("PRAGMA synchronous=FULL")
        await connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, filler TEXT)")

        async def commit() -> None:
            await connection.execute("BEGIN IMMEDIATE")
            await connection.execute("INSERT INTO bare (filler) VALUES (?)", ("x" * 100,))
            await connection.execute("COMMIT")

        return await _rate([commit])


async def issuing(store: Store) -> float:
    """Receipts a second: quote, lock, sign, store, commit, by sixteen writers at once."""
    database = Database(create_engine(store.url, pool_size=COUNTERS))
    world = store.world
    facts, signer = world.publication.facts, world.signers[TOWN]
    async with database.read() as session:
        held = await powers(session, world.clerk, NOW)

    def writer(number: int) -> Callable[[], Awaitable[None]]:
        at = issue.desk(facts, world.clerk, held, counter(number))
        sent = 0

        async def once() -> None:
            nonlocal sent
            sent += 1
            async with database.write() as session:
                quoted = issue.quote(facts, at.authority, "PREMISES", {"area": "80.50"}, now=NOW, on=None, on_reason=None)
                await issue.issue(session, at, quoted, signer, key=f"{number}-{sent}", now=NOW)

        return once

    found = await _rate([writer(number) for number in range(COUNTERS)])
    await database.close()
    return found


async def _rate(writers: list[Callable[[], Awaitable[None]]]) -> float:
    """How often a second the writers, all at once, get done."""
    done = 0
    ends = time.perf_counter() + SECONDS

    async def work(write: Callable[[], Awaitable[None]]) -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await write()
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(work(write) for write in writers))
    return done / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
