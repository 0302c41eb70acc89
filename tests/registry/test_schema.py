"""The schema that the migrations make: the one the code declares, append-only where it is official, and asked for at the start."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from migrations.schema import is_current, metadata
from service.app import SchemaNotCurrent, create_app
from service.db import create_engine
from service.settings import Settings

pytestmark = pytest.mark.database

OFFICIAL = sorted(table.name for table in metadata.sorted_tables if table.info.get("official"))
RUNNING = {
    "look", "counter_head", "sign_in_throttle", "snapshot_mark", "staff_session", "sealed_key", "report_content", "case_text",
}  # fmt: skip
"""Counts, locks, sessions, marks, what is sealed anew, and words that the law may have erased. All else is official."""


def differences(connection: Connection) -> list[object]:
    """What a new migration would have to do."""
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def triggers(connection: Connection) -> set[tuple[str, str]]:
    """Every table with the kinds of change that a trigger stands before."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return {(table, change) for table, sql in rows for change in ("UPDATE", "DELETE", "INSERT") if f"BEFORE {change} " in sql}
    rows = connection.execute(
        text(
            "SELECT relname, tgtype FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND tgenabled = 'O'"
            " AND tgtype & 2 = 2"  # before
        )
    )
    bits = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
    return {(table, change) for table, kind in rows for change, bit in bits.items() if kind & bit}


async def test_migrations_from_nothing_make_exactly_what_the_code_declares(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        assert [] == await connection.run_sync(differences)
        assert await connection.run_sync(is_current)
        made = await connection.run_sync(lambda bound: set(inspect(bound).get_table_names()))
        assert {*(table.name for table in metadata.sorted_tables), "alembic_version"} == made
    await engine.dispose()


def test_a_table_is_official_or_has_a_reason_not_to_be() -> None:
    assert RUNNING == {table.name for table in metadata.sorted_tables} - set(OFFICIAL)


async def test_every_official_table_has_its_triggers(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        found = await connection.run_sync(triggers)
        changes = ("UPDATE", "DELETE") if engine.dialect.name == "sqlite" else ("UPDATE", "DELETE", "TRUNCATE")
        assert set() == {(table, change) for table in OFFICIAL for change in changes} - found
        assert ("fee_version", "INSERT") in found, "and one against versions that overlap"
        assert set() == {table for table, _ in found} & RUNNING
    await engine.dispose()


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_row_of_any_official_table_can_be_neither_changed_nor_removed(database_url: str) -> None:
    """Tried on every one of them, with the constraints of other tables out of the way."""
    engine = create_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        await connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        await connection.commit()
        for name in OFFICIAL:
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {name}_no_orphan"))
        await connection.commit()
        for name in OFFICIAL:
            column = next(iter(metadata.tables[name].columns)).name
            columns = ", ".join(f'"{each.name}"' for each in metadata.tables[name].columns)
            values = ", ".join("1" for _ in metadata.tables[name].columns)
            await connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            await connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({values})"))
            for change in (f'UPDATE {name} SET "{column}" = "{column}"', f"DELETE FROM {name}"):
                with pytest.raises(DBAPIError, match="never changed"):
                    await connection.execute(text(change))
            await connection.rollback()
    await engine.dispose()


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def test_no_statement_changes_an_official_table_even_when_it_is_empty(database_url: str) -> None:
    """PostgreSQL asks once for a statement, not once for a row; TRUNCATE included."""
    engine = create_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        for name in OFFICIAL:
            column = next(iter(metadata.tables[name].columns)).name
            for change in (f'UPDATE {name} SET "{column}" = "{column}"', f"DELETE FROM {name}", f"TRUNCATE {name} CASCADE"):
                with pytest.raises(DBAPIError, match="never changed"):
                    await connection.execute(text(change))
                await connection.rollback()
    await engine.dispose()


async def test_a_database_at_another_revision_is_not_served(database_url: str) -> None:
    """Neither an older one nor an empty one: `taksa migrate` first."""
    engine = create_engine(database_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    await engine.dispose()
    app = create_app(Settings(database_url=database_url, origin="https://fees.example"))
    with pytest.RaisesGroup(SchemaNotCurrent):
        async with app.lifespan():
            pass


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_sqlite_keeps_what_it_was_told_through_a_power_cut(database_url: str) -> None:
    """Write-ahead log, full synchronisation, foreign keys."""
    engine = create_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        found = {name: await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1} == found
    await engine.dispose()
