"""Background loops of a serving process."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from service.db import Database
from verify.looks import Looks, write

log = structlog.get_logger()

LOOKS_EVERY = 1.0
"""Seconds between two writings of looks."""


async def keep_looks(database: Database, looks: Looks) -> None:
    """Write looks for ever, and once more at the end."""
    try:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            await write_looks(database, looks)
    finally:
        await write_looks(database, looks)


async def write_looks(database: Database, looks: Looks) -> None:
    """Write what is pending; looks that cannot be written now stay pending."""
    taken = looks.take()
    if not taken:
        return
    try:
        async with database.write() as session:
            await write(session, taken)
    except (SQLAlchemyError, OSError) as error:
        looks.give_back(taken)
        log.warning("looks not written", error=type(error).__name__)
