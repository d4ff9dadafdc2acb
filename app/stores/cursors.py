"""What one look at a shop or a provider leaves for the next: how far it read, or what it found. One
row for each name, replaced."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.models import PollCursor
from app.tenancy import store_of


def read_cursor(session: Session, name: str, *, lock: bool = False) -> Any:
    """What was left under this name; None before the first look."""
    left = select(PollCursor.cursor).where(
        PollCursor.store_id == store_of(session), PollCursor.name == name
    )
    return session.scalar(left.with_for_update() if lock else left)


def read_cursors(session: Session, prefix: str) -> dict[str, Any]:
    """What was left under every name that begins so, by the rest of the name."""
    left = select(PollCursor.name, PollCursor.cursor).where(
        PollCursor.store_id == store_of(session), PollCursor.name.startswith(prefix)
    )
    return {name.removeprefix(prefix): cursor for name, cursor in session.execute(left)}


def keep_cursor(session: Session, name: str, cursor: Any) -> None:
    """Leave this for the next look: anything that JSON can say."""
    values = {"cursor": cursor, "read_at": clock.now()}
    session.execute(
        insert(PollCursor)
        .values(store_id=store_of(session), name=name, **values)
        .on_conflict_do_update(index_elements=["store_id", "name"], set_=values)
    )
