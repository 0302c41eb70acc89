"""`taksa serve`, and the one place that knows which server runs the service.

uvicorn: on its own core it answers more requests than granian does (`make bench` prints both).
"""

import asyncio
import os

import click
import uvicorn
from litestar import Litestar

from registry.installation import is_demonstration
from service import logs
from service.cli.opened import opened, settings_of_environment
from service.settings import PREFIX, Settings

GRACE_SECONDS = 5


@click.command()
@click.option("--public", is_flag=True, help="Verification only: no staff routes, no private key is read.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes. SQLite takes one.")
def serve(public: bool, host: str, port: int, workers: int) -> None:
    """Serve a registry. Refuses a demonstration, and a database that is not migrated."""
    settings = settings_of_environment(**({"public": "1"} if public else {}))
    if settings.demo:
        raise click.ClickException("TAKSA_DEMO is for the demonstration; `taksa demo` serves that")
    if workers > 1 and settings.database_url.startswith("sqlite:"):
        raise click.ClickException("SQLite is served by one process; use PostgreSQL for more workers")
    asyncio.run(refuse_demonstration(settings))
    if workers == 1:
        run(application(settings), host, port)
        return
    # Each worker makes its own application, from the environment.
    if public:
        os.environ[f"{PREFIX}PUBLIC"] = "1"
    run("service.cli.serving:application", host, port, workers=workers)


async def refuse_demonstration(settings: Settings) -> None:
    """Raises ClickException for a database with the demonstration's mark: its passwords lie in a file."""
    async with opened(settings) as database, database.read() as session:
        if await is_demonstration(session):
            raise click.ClickException("this database is a demonstration, for ever; it is not served as anything else")


def application(settings: Settings | None = None) -> Litestar:
    """The service for these settings, or for those of the environment."""
    from service.app import create_app  # late: no other command needs every page and template

    logs.configure()
    return create_app(settings_of_environment() if settings is None else settings)


def run(app: Litestar | str, host: str, port: int, *, workers: int = 1) -> None:
    """Serve until told to stop. No access log: it would say who looked at which receipt."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        workers=workers,
        factory=isinstance(app, str),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
