"""States of a connection or a sign-in that somebody has begun: unguessable, short-lived, used once.

They belong to no store yet, so they are the one thing here that is read across stores.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from app import clock
from app.models import PendingConnection
from app.tenancy import platform_transaction

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """A state that is valid now, and what was kept with it."""

    state: str
    details: dict[str, Any]


def begin(kind: str, details: dict[str, Any], lives: timedelta) -> str:
    """Keep `details` under a new state. Letters, digits, - and _ only: some shops drop the rest."""
    state, now = secrets.token_urlsafe(18), clock.now()
    with platform_transaction("begin a connection") as session:
        session.execute(delete(PendingConnection).where(PendingConnection.expires_at < now - KEPT))
        session.add(
            PendingConnection(state=state, kind=kind, details=details, expires_at=now + lives)
        )
    return state


def look(kind: str, state: str) -> Begun | None:
    """What a state stands for, used or not; None when it is unknown or too old."""
    with platform_transaction("read a connection that was begun") as session:
        row = session.get(PendingConnection, state)
        valid = row is not None and row.kind == kind and row.expires_at > clock.now()
        return Begun(row.state, dict(row.details)) if valid and row else None


def take(kind: str, state: str, more: dict[str, Any] | None = None) -> Begun | None:
    """Use a state up, and keep `more` with it; None when it is unknown, too old or used already."""
    with platform_transaction("use a connection's state once") as session:
        row = session.get(PendingConnection, state, with_for_update=True)
        now = clock.now()
        if row is None or row.kind != kind or row.used_at is not None or row.expires_at <= now:
            return None
        row.used_at, row.details = now, {**row.details, **(more or {})}
        return Begun(row.state, dict(row.details))


def note(state: str, expected: dict[str, Any], more: dict[str, Any]) -> bool:
    """Add `more` while `expected` still holds: only one of two requests gets True."""
    with platform_transaction("note how far a connection has come") as session:
        row = session.get(PendingConnection, state, with_for_update=True)
        if row is None or any(row.details.get(name) != v for name, v in expected.items()):
            return False
        row.details = {**row.details, **more}
        return True
