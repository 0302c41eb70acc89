"""Is the process alive, is it ready, what has it counted; and whom to tell about a weakness."""

from datetime import timedelta

from litestar import Response, get
from litestar.di import NamedDependency
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from service.clock import Clock
from service.published import Published
from service.settings import Settings

NEVER_KEPT = {"Cache-Control": "no-store"}


@get("/health/live", sync_to_thread=False)
def live() -> Response[dict[str, str]]:
    """The process answers."""
    return Response({"status": "alive"}, headers=NEVER_KEPT)


@get("/health/ready")
async def ready(reading: NamedDependency[AsyncSession], published: NamedDependency[Published]) -> Response[dict[str, bool]]:
    """The database answers, and there is a signed snapshot to serve."""
    try:
        await reading.execute(text("SELECT 1"))
        database = True
    except (SQLAlchemyError, OSError):
        database = False
    checks = {"database": database, "snapshot": published.signed is not None}
    return Response(checks, status_code=200 if all(checks.values()) else 503, headers=NEVER_KEPT)


@get("/metrics", include_in_schema=False, sync_to_thread=False)
def metrics() -> Response[bytes]:
    """Counts of the process, in Prometheus' text format."""
    # The framework adds the charset to a text itself.
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8"), headers=NEVER_KEPT)


@get("/.well-known/security.txt", include_in_schema=False, sync_to_thread=False)
def security_txt(settings: NamedDependency[Settings], clock: NamedDependency[Clock]) -> Response[str]:
    """Whom to tell (RFC 9116)."""
    expires = (clock.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: mailto:security@{settings.host.partition(':')[0]}",
        f"Expires: {expires}",
        "Preferred-Languages: en, sq, mk, sr",
        f"Canonical: {settings.origin}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", media_type="text/plain")


routes = [live, ready, metrics, security_txt]
