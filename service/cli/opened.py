"""The registry that the environment names, opened for one command."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from sqlalchemy.ext.asyncio import AsyncSession

from migrations.schema import is_current
from registry.publication import Publication
from registry.snapshot import Facts
from service.db import Database, create_engine
from service.settings import Settings, read_settings


def settings_of_environment(**given: str) -> Settings:
    """Settings from `TAKSA_*`, with what the command line says above them. Raises SettingsRefused."""
    return read_settings(os.environ, **given)


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Database]:
    """The database, whatever its schema; closed at the end."""
    database = Database(create_engine(settings.database_url, pool_size=2))
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, refused unless it is at the newest schema."""
    async with connected(settings) as database:
        async with database.engine.connect() as connection:
            if not await connection.run_sync(is_current):
                raise click.ClickException("the database is not at the newest schema; run `taksa migrate` first")
        yield database


def passphrase(settings: Settings) -> bytes:
    """What opens and seals signing keys."""
    found = settings.passphrase()
    if not found:
        raise click.ClickException("signing keys need TAKSA_PASSPHRASE_FILE, a file with a passphrase in it")
    return found


async def published_facts(session: AsyncSession) -> Facts:
    """All public facts, as of now."""
    publication = Publication()
    await publication.refresh(session)
    return publication.facts
