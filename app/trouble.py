"""Whose fault an error is, and where it broke: the database's own passes, ours stays."""

import traceback
from pathlib import PurePath

from psycopg import Error, OperationalError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Connection, conflict of transactions, resources, object in use, operator, system:
# https://www.postgresql.org/docs/18/errcodes-appendix.html
_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})
_CANCELLED = "57014"  # A statement that ran too long will do so again.
_CAUSES = 5  # Deeper chains repeat themselves.


def is_passing(error: BaseException) -> bool:
    """Whether the database itself is in trouble (gone, restarting, full, in a deadlock), so that
    the same work can succeed later. Nothing may be given up for such an error."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, Error):
        return False
    state = cause.sqlstate
    if state is None:
        return isinstance(cause, OperationalError)
    return state[:2] in _PASSING and state != _CANCELLED


def place_of(error: BaseException) -> str:
    """Where it broke, as file and line. The words of an error may quote names and addresses."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def trace_of(error: BaseException) -> str:
    """The traceback of an error and of what caused it, without their words."""
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < _CAUSES:
        frames = "".join(traceback.format_tb(cause.__traceback__))
        told.append(f"{frames}{type(cause).__qualname__}")
        context = None if cause.__suppress_context__ else cause.__context__
        cause = cause.__cause__ or context
    return "\ncaused by:\n".join(told)
