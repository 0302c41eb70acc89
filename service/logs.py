"""Logs: one JSON object a line on standard error. Nothing in them tells who asked or for which receipt.

There is no access log: a line with an address and a receipt in it would unmask whoever reports it.
"""

import logging
import sys

import structlog


def configure() -> None:
    """Set up logging for a serving process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Where it happened, never the values that were there.
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
