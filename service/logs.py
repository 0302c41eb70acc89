"""Logs: one JSON object a line on standard error. Nothing in them tells who asked or for which receipt.

There is no access log: a line with an address and a receipt in it would unmask whoever reports it.
"""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog


def configure() -> None:
    """Set up logging for a serving process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def without_values(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What went wrong and where, never the values that were there: an exception's message may hold a receipt or what somebody wrote.

    (PostgreSQL's hold the whole row that it would not take.)
    """
    _silence(line.get("exception", ()))
    return line


def _silence(exceptions: Iterable[dict[str, Any]]) -> None:
    for each in exceptions:
        del each["exc_value"], each["exc_notes"]
        for member in each["exceptions"]:
            _silence(member)
