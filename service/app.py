"""The composition: what the service is made of, on one screen."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from migrations.schema import is_current
from service import dependencies, problems
from service.api import cases, fees, receipts, reports, snapshot, status, verify
from service.clock import Clock, SystemClock
from service.db import Database, create_engine
from service.lookups import Lookups
from service.process import Process
from service.published import Published
from service.settings import Settings
from service.web import signin
from service.web.citizen import check, follow, home, report, verdict
from service.web.citizen import fees as fee_pages
from service.web.counter import desk, receipt
from service.web.inspector import case, queue
from service.worker import keep_looks
from verify.looks import Looks

PUBLIC = (verify, reports, fees, snapshot, status, home, fee_pages, verdict, check, report, follow)
STAFF = (receipts, cases, signin, desk, receipt, case, queue)
LARGEST_BODY = 1024 * 1024


class SchemaNotCurrent(Exception):
    """The database is not at the newest migration; `taksa migrate` brings it there."""


def create_app(settings: Settings, clock: Clock | None = None) -> Litestar:
    """The service for these settings. In public mode there are no staff routes and no private key is read."""
    database = Database(create_engine(settings.database_url, pool_size=settings.pool_size))
    clock = clock or SystemClock()
    looks = Looks()
    published = Published(database, settings, clock, settings.passphrase())
    lookups = Lookups(database)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        tasks: list[asyncio.Task[None]] = []
        try:
            async with database.engine.connect() as connection:
                if not await connection.run_sync(is_current):
                    raise SchemaNotCurrent
            await published.refresh()
            # A country's fees stay for as long as the process does: the collector need not walk over them again and again.
            gc.freeze()
            tasks += [asyncio.create_task(work) for work in (published.keep_fresh(), keep_looks(database, looks))]
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await database.close()

    process = Process(database, published, looks, lookups.ask, clock, settings)
    modules = PUBLIC if settings.public else PUBLIC + STAFF
    return Litestar(
        route_handlers=[handler for module in modules for handler in module.routes],
        dependencies={
            "session": Provide(dependencies.session_of(database)),
            "reading": Provide(dependencies.reading_of(database)),
            "facts": Provide(lambda: published.facts, sync_to_thread=False),
            "language": Provide(dependencies.language, sync_to_thread=False),
            "process": dependencies.given(process),
            **{name: dependencies.given(getattr(process, name)) for name in ("database", "published", "looks", "ask", "clock", "settings")},
        },
        exception_handlers=problems.HANDLERS,
        lifespan=[lifespan],
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=1, minimum_size=500),
        request_max_body_size=LARGEST_BODY,
        openapi_config=OpenAPIConfig(
            title="Taksa", version="1", path="/schema", render_plugins=[JsonRenderPlugin()], use_handler_docstrings=True
        ),
        logging_config=None,
        debug=False,
    )
