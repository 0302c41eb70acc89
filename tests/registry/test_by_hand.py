"""What somebody can do to the official tables with SQL of their own, and without our settings on the connection."""

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.fees import schedule
from registry.fees.content import FeeContent, parse_content
from registry.grants import Role
from service.db import Database, create_engine
from tests.world import NOW, fee_json, found, grant

pytestmark = pytest.mark.database


def dearer() -> FeeContent:
    """A successor of the certificate's fee."""
    rule = {"type": "flat", "amount": "3.00"}
    return parse_content(fee_json("CERT", rule, valid_from="2027-01-01", worked_examples=[{"inputs": {}, "amount": "3.00"}]))


@pytest.fixture
async def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """The file of a founded registry with one open proposal."""
    path = tmp_path / "taksa.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(create_engine(f"sqlite:///{path}"))
    async with database.write() as session:
        world = await found(session)
        draft = await schedule.save_draft(session, by=world.editor, content=dearer(), now=NOW)
        await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=NOW)
    await database.close()
    return path


@pytest.fixture
def shell(file: Path) -> Iterator[sqlite3.Connection]:
    """The file opened as the `sqlite3` shell opens it, which asks for no foreign keys."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA foreign_keys = OFF")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO fee_revision SELECT draft_id, number, '{}', content_hash, saved_at, maker_id, maker_part FROM fee_revision",
        "INSERT OR REPLACE INTO fee_revision (rowid, draft_id, number, content, content_hash, saved_at, maker_id, maker_part)"
        " SELECT rowid, draft_id, 99, '{}', content_hash, saved_at, maker_id, maker_part FROM fee_revision",
        "INSERT OR REPLACE INTO hand SELECT matter, person_id, officer_id, 'checker', at FROM hand WHERE part = 'maker'",
        "INSERT OR REPLACE INTO person SELECT 99, staff_number, 'Somebody Else', recorded_at FROM person LIMIT 1",
        "INSERT INTO person SELECT * FROM person WHERE true ON CONFLICT DO UPDATE SET full_name = 'Somebody Else'",
        "REPLACE INTO fee_version SELECT authority_id, code, number, draft_id, revision, content_hash, valid_from, '2026-12-01',"
        " published_at, assertion, checker_id, checker_part FROM fee_version",
    ],
)  # fmt: skip
async def test_no_row_is_replaced(shell: sqlite3.Connection, statement: str) -> None:
    """SQLite removes what REPLACE is in the way of without asking the triggers of a DELETE."""
    for foreign_keys in ("OFF", "ON"):
        shell.execute(f"PRAGMA foreign_keys = {foreign_keys}")
        with pytest.raises(sqlite3.IntegrityError, match=r"never changed|overlap"):
            shell.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        # An approval without an approver; one by the editor; a second part for the editor under another's account.
        "INSERT INTO fee_version SELECT 'xk-town', 'CERT', 2, draft_id, revision, content_hash, '2040-01-01', NULL, '2026-11-24', NULL,"
        " fee_revision.maker_id + 1, 'checker' FROM fee_proposal JOIN fee_revision USING (draft_id) WHERE proposed_at >= '2026-11-24'",
        "INSERT INTO fee_version SELECT 'xk-town', 'CERT', 2, draft_id, revision, content_hash, '2040-01-01', NULL, '2026-11-24', NULL,"
        " fee_revision.maker_id, 'checker' FROM fee_proposal JOIN fee_revision USING (draft_id) WHERE proposed_at >= '2026-11-24'",
        "INSERT INTO hand SELECT matter, person_id + 1, officer_id, 'checker', at FROM hand WHERE at >= '2026-11-24'",
        "INSERT INTO officer_grant_approval SELECT id, proposed_at, maker_id, 'checker' FROM officer_grant LIMIT 1",
        "INSERT INTO key_certification SELECT 'k', 'key:k', certified_at, maker_id, 'maker', maker_id, 'checker' FROM key_certification",
    ],
)  # fmt: skip
async def test_nobody_stands_alone(shell: sqlite3.Connection, statement: str) -> None:
    """Four eyes hold on a connection that asks for no foreign keys too."""
    shell.execute("PRAGMA ignore_check_constraints = ON")
    shell.execute("INSERT INTO fee_version_end VALUES ('xk-town', 'CERT', 1, 2, '2040-01-01', 'by hand', '2026-11-24')")
    with pytest.raises(sqlite3.IntegrityError, match=r"is not there|never changed"):
        shell.execute(statement)


async def test_nobody_ends_a_fee_without_a_version_that_was_approved(session: AsyncSession) -> None:
    """Neither by itself, nor by a version that is published already, nor by one that never comes."""
    world = await found(session)
    draft = await schedule.save_draft(session, by=world.editor, content=dearer(), now=NOW)
    await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=NOW)
    await schedule.approve(session, by=world.approver, draft_id=draft.draft_id, now=NOW)
    for number, cause in ((1, 1), (1, 2), (2, 1)):
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.execute(
                    text(f"INSERT INTO fee_version_end VALUES ('xk-town', 'CERT', {number}, {cause}, '2026-03-01', 'x', :at)"), {"at": NOW}
                )
    await session.execute(text("INSERT INTO fee_version_end VALUES ('xk-town', 'CERT', 1, 3, '2026-03-01', 'x', :at)"), {"at": NOW})
    ends = [version.ends_by(NOW + schedule.KNOWN_EVERYWHERE) for version in await schedule.versions_of(session, "xk-town", "CERT")]
    assert [date(2027, 1, 1), None] == ends


@pytest.mark.parametrize(("fee", "content_hash"), [("INSPECT", None), ("CERT", "0" * 64)])
async def test_an_approver_publishes_what_was_proposed_and_nothing_else(session: AsyncSession, fee: str, content_hash: str | None) -> None:
    """Not the content of one fee as a version of another, and not other content."""
    world = await found(session)
    draft = await schedule.save_draft(session, by=world.editor, content=dearer(), now=NOW)
    await schedule.propose(session, by=world.editor, draft_id=draft.draft_id, now=NOW)
    values = {
        "d": draft.draft_id,
        "p": world.approver.person_id,
        "o": world.approver.id,
        "h": content_hash or draft.content_hash,
        "fee": fee,
        "at": NOW,
    }
    await session.execute(text("INSERT INTO hand VALUES (:d, :p, :o, 'checker', :at)"), values)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await session.execute(
                text(
                    "INSERT INTO fee_version VALUES ('xk-town', :fee, 9, :d, 1, :h, '2026-01-01', '2026-01-02', :at, NULL, :p, 'checker')"
                ),
                values,
            )


@pytest.mark.parametrize("authority", [None, "mk-ministry"])
async def test_a_right_at_an_office_names_that_offices_authority(session: AsyncSession, authority: str | None) -> None:
    """Else nobody would see that its holder has a stake there."""
    world = await found(session)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await grant(session, world.admins, world.clerk, Role.CLERK, authority=authority, office="xk-town-hall")
