"""From a refusal to what the web makes of it: the only status table, and both renderings, a page and RFC 9457 JSON."""

import structlog

from registry.errors import RegistryRefusal

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[RegistryRefusal], int] = {}


def status_of(refusal: RegistryRefusal) -> int:
    """The HTTP status of a refusal; a refusal without a row of its own or of a base class is a defect a test finds."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)
