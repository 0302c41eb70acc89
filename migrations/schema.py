"""The schema of all tables, and bringing a database up to it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

import registry.credentials
import registry.installation
import registry.publication  # noqa: F401 (the modules that define tables put them into the metadata when imported)
import verify.reports  # noqa: F401
from registry.db import Base

metadata: MetaData = Base.metadata


def configuration(connection: Connection | None = None) -> Config:
    """What Alembic needs to know; no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database forward to a revision."""
    command.upgrade(configuration(connection), revision)


def is_current(connection: Connection) -> bool:
    """Whether the database is at the newest revision."""
    return MigrationContext.configure(connection).get_current_revision() == ScriptDirectory.from_config(configuration()).get_current_head()


async def migrate(engine: AsyncEngine) -> None:
    """Bring a database forward to the newest revision."""
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
