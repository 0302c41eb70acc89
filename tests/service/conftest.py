"""The service as a whole, on a database of its own, founded and serving in process."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from service.app import create_app
from service.db import Database, create_engine
from service.settings import Settings
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

    client: AsyncTestClient[Litestar]
    database: Database
    world: World
    clock: SetClock
    settings: Settings

    def as_(self, role: str) -> dict[str, str]:
        """Headers of the officer with that role."""
        return {"Authorization": f"Bearer {self.world.tokens[role]}"}


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A founded registry, served."""
    database = Database(create_engine(database_url, pool_size=4))
    async with database.write() as session:
        world = await found(session)
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    settings = Settings(database_url=database_url, origin=ORIGIN, passphrase_file=str(passphrase), pool_size=4)
    clock = SetClock()
    async with AsyncTestClient(create_app(settings, clock), base_url=ORIGIN) as client:
        yield House(client, database, world, clock, settings)
    await database.close()
