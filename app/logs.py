"""Structured logs: store and message ids, never a name, address, number or body."""

import logging
import sys

import structlog

_FORBIDDEN = {"email", "phone", "first_name", "last_name", "body", "payload", "token", "secret"}


def _drop_personal(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for key in _FORBIDDEN & event.keys():
        event[key] = "[removed]"
    return event


def configure(level: str = "INFO") -> None:
    """Send structlog to standard error as one JSON object a line (plain text on a terminal)."""
    numeric = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _drop_personal,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(numeric, logging.WARNING), stream=sys.stderr)
