"""Several processes at one counter, on PostgreSQL: no gap, no double, nothing lost that was answered, even when one is killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from registry.places import CounterHead
from registry.receipts.tables import Receipt
from registry.receipts.token import first_prev, link, parse, verify
from service.db import Database, create_engine
from tests.world import TOWN, WINDOW, World, found

pytestmark = [pytest.mark.database, pytest.mark.postgresql]

ROOT = Path(__file__).parents[3]


@pytest.fixture
def engine_name() -> str:
    """SQLite has one serving process by design."""
    return "postgresql"


@contextmanager
def desk(database_url: str, how_many: int) -> Iterator[subprocess.Popen[str]]:
    """A process that is ready to issue `how_many` receipts, and does when it is told."""
    command = [sys.executable, "-m", "tests.registry.receipts.issuing_process", database_url, str(how_many)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "ready\n" == process.stdout.readline()
            yield process
        finally:
            process.kill()


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def answers(process: subprocess.Popen[str]) -> Iterator[tuple[int, bytes]]:
    """Serial and token of every receipt that was answered; half a line was not."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.endswith("\n"):
            serial, token = line.split()
            yield int(serial), bytes.fromhex(token)


async def founded(database: Database) -> World:
    async with database.write() as session:
        # The processes die here, not the server: that a commit waits for the disk is not what takes its time below.
        name = await session.scalar(text("SELECT current_database()"))
        await session.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        return await found(session)


async def stored(database: Database, world: World) -> dict[int, bytes]:
    """The receipts of the window by serial: from 1 without a gap, each sealed and linked to the one before, the head at the last."""
    async with database.read() as session:
        rows = await session.execute(select(Receipt.serial, Receipt.token).where(Receipt.counter_id == WINDOW).order_by(Receipt.serial))
        receipts: dict[int, bytes] = dict(rows.all())
        head = await session.get_one(CounterHead, WINDOW)
    assert list(range(1, len(receipts) + 1)) == list(receipts)
    signer = world.signers[TOWN]
    expected = first_prev(signer.kid, 1)
    for serial, raw in receipts.items():
        token = parse(raw)
        assert (serial, expected) == (token.claims.serial, token.claims.prev)
        verify(token, signer.private.public_key())
        expected = link(raw)
    assert (len(receipts), expected) == (head.serial, head.link)
    return receipts


async def test_two_processes_issue_two_thousand_receipts_on_one_counter(database_url: str) -> None:
    """Serials 1 to 2000, each once; what was answered is what is stored."""
    database = Database(create_engine(database_url, pool_size=2))
    world = await founded(database)
    with ExitStack() as stack:
        desks = [stack.enter_context(desk(database_url, 1000)) for _ in range(2)]
        for each in desks:
            begin(each)
        answered = [dict(answers(each)) for each in desks]
    assert [1000, 1000] == [len(each) for each in answered]
    assert all(max(each) > 1000 for each in answered), "they did work at the same time"
    assert answered[0] | answered[1] == await stored(database, world)
    await database.close()


async def test_a_process_killed_in_the_middle_loses_nothing_that_it_answered_and_leaves_no_gap(database_url: str) -> None:
    """kill -9 at an unlucky moment, again and again, while another desk goes on."""
    database = Database(create_engine(database_url, pool_size=2))
    world = await founded(database)
    answered: dict[int, bytes] = {}
    with desk(database_url, 400) as steady:
        begin(steady)
        for after in (1, 17, 60):
            with desk(database_url, 100_000) as unlucky:
                begin(unlucky)
                for count, (serial, token) in enumerate(answers(unlucky), 1):
                    answered[serial] = token
                    if count == after:
                        unlucky.kill()
        answered |= dict(answers(steady))
    receipts = await stored(database, world)
    assert answered.items() <= receipts.items()
    assert len(receipts) <= len(answered) + 3, "at most one unanswered receipt for each that was killed"
    await database.close()
