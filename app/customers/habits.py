"""When a store's habits are to be found anew: after each walk through everybody, by one worker."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models import StoreHabits
from app.models.rows import STORE, table_of
from app.tenancy import store_of

_LEASE = timedelta(hours=1)
"""Far longer than it takes: after it the worker is dead."""
_CLAIM = (
    update(StoreHabits)
    .where(StoreHabits.store_id == STORE, StoreHabits.due_at <= bindparam("now"))
    .values(due_at=bindparam("lease"))
    .returning(StoreHabits.due_at)
)


def ask_for_habits(session: Session, now: datetime) -> None:
    """Have them found anew soon."""
    asked = insert(table_of(StoreHabits)).values(store_id=store_of(session), hours=[], due_at=now)
    session.execute(asked.on_conflict_do_update(index_elements=["store_id"], set_={"due_at": now}))


def claim_habits(session: Session, now: datetime) -> datetime | None:
    """Until when they are ours to find; None when they are not due."""
    lease = now + _LEASE
    return session.scalar(_CLAIM, {"store": store_of(session), "now": now, "lease": lease})


def habits_found(session: Session, hours: list[int], now: datetime, lease: datetime) -> None:
    """Keep the hours. Nothing more is due before the next walk, unless that has asked meanwhile."""
    found = session.get_one(StoreHabits, store_of(session), with_for_update=True)
    found.hours, found.measured_at = hours, now
    if found.due_at == lease:
        found.due_at = None


def put_off_habits(session: Session) -> None:
    """Nobody of a store that has left buys here."""
    found = session.get(StoreHabits, store_of(session))
    if found is not None:
        found.due_at = None
