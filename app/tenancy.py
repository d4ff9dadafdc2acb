"""The only doors to the database. Inside `store_transaction` PostgreSQL shows one store's rows and
no others; `platform_transaction` and `platform_call` see all stores, say why, and are rare.

All commit at the end and roll back on any exception: rooms never commit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import db

APP_ROLE = "comeback_app"
PLATFORM_ROLE = "comeback_platform"

_SEE = text("SELECT set_config('comeback.store_id', :store_id, true)")
_AS_PLATFORM = text(f"SET LOCAL ROLE {PLATFORM_ROLE}")
_LINE_CUT = ("08", "57P")
"""https://www.postgresql.org/docs/18/errcodes-appendix.html: connection, shutdown."""
_log = structlog.get_logger(__name__)


@contextmanager
def store_transaction(store_id: UUID) -> Iterator[Session]:
    """One transaction that sees only the rows of `store_id` (row-level security, forced)."""
    with db.new_session() as session, session.begin():
        session.execute(_SEE, {"store_id": str(store_id)})
        session.info["store_id"] = store_id
        yield session


@contextmanager
def platform_transaction(reason: str) -> Iterator[Session]:
    """One transaction over all stores, for sweeps, install and routing; the log says why."""
    with db.new_session() as session, session.begin():
        session.execute(_AS_PLATFORM)
        _log.debug("platform_transaction", reason=reason)
        yield session


def platform_call(reason: str, call: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one call of a function that acts as the platform's role (migration 0008): a
    transaction of its own, in a single trip to the database.

    It must bear being called twice, since a line that was cut may have carried the first. Raises
    psycopg.Error.
    """
    _log.debug("platform_call", reason=reason)
    try:
        return _in_one_trip(call, parameters)
    except psycopg.OperationalError as error:
        if error.sqlstate and not error.sqlstate.startswith(_LINE_CUT):
            raise
        return _in_one_trip(call, parameters)


def _in_one_trip(call: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with db.lent_line() as line:
        return line.execute(call, parameters).fetchall()


def store_of(session: Session) -> UUID:
    """The store a session from `store_transaction` belongs to."""
    store_id: UUID = session.info["store_id"]
    return store_id
