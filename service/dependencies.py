"""What handlers are given by name: sessions, the reader's language, and the values of the process."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from litestar import Request
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from service.access import SAFE_METHODS
from service.db import Database
from service.web.language import negotiate


def session_of(database: Database) -> Callable[[Request[Any, Any, Any]], AsyncIterator[AsyncSession]]:
    """A session for one request: it may write where the method may; committed when the handler is done, before the answer leaves."""

    async def session(request: Request[Any, Any, Any]) -> AsyncIterator[AsyncSession]:
        async with database.read() if request.method in SAFE_METHODS else database.write() as opened:
            yield opened

    return session


def reading_of(database: Database) -> Callable[[], AsyncIterator[AsyncSession]]:
    """A session for a request that only reads, whatever its method."""

    async def reading() -> AsyncIterator[AsyncSession]:
        async with database.read() as opened:
            yield opened

    return reading


def language(request: Request[Any, Any, Any]) -> str:
    """The reader's language: `?lang=`, else Accept-Language, else English."""
    # Looked for where it stands: the framework would take all parameters and all headers apart first.
    chosen = request.query_params.get("lang") if b"lang=" in request.scope["query_string"] else None
    accepted = next((value.decode("latin-1") for name, value in request.scope["headers"] if name == b"accept-language"), None)
    return negotiate(chosen, accepted)


def given(value: object) -> Provide:
    """A value of the process."""
    return Provide(lambda: value, sync_to_thread=False)
