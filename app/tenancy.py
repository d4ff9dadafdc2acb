"""The only two doors to the database. Inside `store_transaction` PostgreSQL shows one store's rows
and no others; `platform_transaction` sees all stores, says why, and is rare.

Both commit at the end and roll back on any exception: rooms never commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import db

APP_ROLE = "comeback_app"
PLATFORM_ROLE = "comeback_platform"

_log = structlog.get_logger(__name__)


@contextmanager
def store_transaction(store_id: UUID) -> Iterator[Session]:
    """One transaction that sees only the rows of `store_id` (row-level security, forced)."""
    with db.new_session() as session, session.begin():
        session.execute(
            text("SELECT set_config('comeback.store_id', :store_id, true)"),
            {"store_id": str(store_id)},
        )
        session.info["store_id"] = store_id
        yield session


@contextmanager
def platform_transaction(reason: str) -> Iterator[Session]:
    """One transaction over all stores, for sweeps, install and routing; the log says why."""
    with db.new_session() as session, session.begin():
        session.execute(text(f"SET LOCAL ROLE {PLATFORM_ROLE}"))
        _log.debug("platform_transaction", reason=reason)
        yield session


def store_of(session: Session) -> UUID:
    """The store a session from `store_transaction` belongs to."""
    store_id: UUID = session.info["store_id"]
    return store_id
