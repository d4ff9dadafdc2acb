"""Structured logs: store and message ids, never a name, address, number or body.

An error is told by its kind and place alone: its words may quote what broke it, as a database names
the values of a row and a client the address it called.
"""

import json
import logging
import re
import sys
import threading
from types import TracebackType
from typing import TextIO

import structlog

from app.errors import ConfigError
from app.trouble import trace_of

_FORBIDDEN = {"email", "phone", "first_name", "last_name", "body", "payload", "token", "secret"}
_ADDRESS = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+|(?:\+|%2B)\d[\d -]{6,}\d")
_handler: logging.Handler | None = None


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """One JSON object a line on standard error (plain text on a terminal): ours at `level`, what
    packages say from WARNING up."""
    stream = stream or sys.stderr
    numeric = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_error,
            _drop_personal,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    _listen_to_packages(max(numeric, logging.WARNING), stream)


def guard_last_words() -> None:
    """What ends a process or a thread unseen is logged like everything else. For servers: whoever
    types a command may see the whole of an error."""
    sys.excepthook = _process_died
    threading.excepthook = _thread_died


def _tell_error(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    told = event.pop("exc_info", None)
    error = told[1] if isinstance(told, tuple) else sys.exc_info()[1] if told is True else told
    if isinstance(error, BaseException):
        event["exception"] = trace_of(error)
    return event


def _drop_personal(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for key in _FORBIDDEN & event.keys():
        event[key] = "[removed]"
    return event


class PackageLines(logging.Formatter):
    """What packages say: their words without addresses and numbers, their errors without words."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": _ADDRESS.sub("[removed]", record.getMessage()),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": self.formatTime(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = trace_of(record.exc_info[1])
        return json.dumps(line)


def _listen_to_packages(level: int, stream: TextIO) -> None:
    global _handler  # noqa: PLW0603 - the root logger is one per process as well.
    root = logging.getLogger()
    if _handler is not None:
        root.removeHandler(_handler)
    _handler = logging.StreamHandler(stream)
    _handler.setFormatter(PackageLines())
    root.addHandler(_handler)
    root.setLevel(level)


def _process_died(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if isinstance(error, ConfigError):
        sys.stderr.write(f"{error}\n")  # Written for whoever starts the process.
    elif not issubclass(kind, KeyboardInterrupt):
        structlog.get_logger(__name__).critical("process_died", exc_info=error)


def _thread_died(told: threading.ExceptHookArgs) -> None:
    structlog.get_logger(__name__).error("thread_died", exc_info=told.exc_value)
