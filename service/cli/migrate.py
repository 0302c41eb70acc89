"""`taksa migrate`: bring a database forward to the newest schema."""

import asyncio

import click

from migrations import schema
from service.cli.opened import connected, settings_of_environment
from service.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database forward to the newest schema. Doing it twice does nothing."""
    asyncio.run(_migrate(settings_of_environment()))
    click.echo("The database is at the newest schema.")


async def _migrate(settings: Settings) -> None:
    async with connected(settings) as database:
        await schema.migrate(database.engine)
