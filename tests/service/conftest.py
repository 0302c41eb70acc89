"""The service as a whole, on a database of its own, founded and serving in process."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from litestar.di import Provide
from structlog.testing import capture_logs

from service.app import create_app
from service.db import Database, create_engine
from service.process import Process
from service.settings import Settings
from tests.conftest import new_database
from tests.world import NOW, PASSPHRASE, World, found

ORIGIN = "https://fees.example"


@dataclass
class SetClock:
    """A clock that tests move."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def pass_time(self, **much: float) -> None:
        self.at += timedelta(**much)


@dataclass
class House:
    """The service under test and what surrounds it."""

    app: Litestar
    client: AsyncClient
    database: Database
    world: World
    clock: SetClock
    settings: Settings

    @property
    def process(self) -> Process:
        """What the service holds."""
        found = self.app.dependencies["process"]
        assert isinstance(found, Provide)
        return found.dependency()

    async def refreshed(self) -> None:
        """Let the service take in now what it would within two seconds."""
        await self.process.published.refresh()

    def as_(self, role: str) -> dict[str, str]:
        """Headers of the officer with that role."""
        return {"Authorization": f"Bearer {self.world.tokens[role]}"}


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, kept from the screen: a traceback with its values takes longer to draw than most tests to run."""
    with capture_logs() as lines:
        yield lines


@asynccontextmanager
async def open_house(database_url: str, directory: Path) -> AsyncIterator[House]:
    """A founded registry, served in process."""
    database = Database(create_engine(database_url, pool_size=4))
    async with database.write() as session:
        world = await found(session)
    passphrase = directory / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    settings = Settings(database_url=database_url, origin=ORIGIN, passphrase_file=str(passphrase), pool_size=4)
    clock = SetClock()
    app = create_app(settings, clock)
    # In the test's own loop, so that requests may overtake each other as they do in life.
    async with app.lifespan(), AsyncClient(transport=ASGITransport(app), base_url=ORIGIN, follow_redirects=True) as client:
        yield House(app, client, database, world, clock, settings)
    await database.close()


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A founded registry of the test's own, served."""
    async with open_house(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def common_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database that the tests of one module have in common."""
    with new_database(str(request.param), request, tmp_path_factory.mktemp("common")) as url:
        yield url


@pytest.fixture(scope="module")
async def opened_house(common_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The one house of a module; tests take it as `common_house`."""
    async with open_house(common_database_url, tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture
def common_house(opened_house: House) -> House:
    """A founded registry, served, that a module's tests have in common: for tests that find their own receipts in it.

    Its clock may be moved; the next test finds it where the world begins.
    """
    opened_house.clock.at = NOW
    opened_house.client.cookies.clear()
    return opened_house
