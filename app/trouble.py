"""Whose fault an error of the database is: its own, which passes, or our statement's."""

from psycopg import OperationalError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Connection, conflict of transactions, resources, object in use, operator, system:
# https://www.postgresql.org/docs/18/errcodes-appendix.html
_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})
_CANCELLED = "57014"  # A statement that ran too long will do so again.


def is_passing(error: BaseException) -> bool:
    """Whether the database itself is in trouble (gone, restarting, full, in a deadlock), so that
    the same work can succeed later. Nothing may be given up for such an error."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error.orig, OperationalError)
    return state[:2] in _PASSING and state != _CANCELLED
