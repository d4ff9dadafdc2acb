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
)


def ask_for_habits(session: Session, now: datetime) -> None:
    """Have them found anew soon."""
    asked = insert(table_of(StoreHabits)).values(store_id=store_of(session), hours=[], due_at=now)
    session.execute(asked.on_conflict_do_update(index_elements=["store_id"], set_={"due_at": now}))


def claim_habits(session: Session, now: datetime) -> bool:
    """Whether they are due and ours for a while."""
    asked = {"store": store_of(session), "now": now, "lease": now + _LEASE}
    claimed = session.execute(_CLAIM, asked, execution_options={"synchronize_session": False})
    return bool(claimed.rowcount)  # type: ignore[attr-defined] # Any UPDATE has one.


def keep_hours(session: Session, hours: list[int]) -> None:
    session.get_one(StoreHabits, store_of(session)).hours = hours


def habits_found(session: Session, now: datetime) -> None:
    """Nothing more is due before the next walk."""
    found = session.get_one(StoreHabits, store_of(session))
    found.measured_at, found.due_at = now, None


def put_off_habits(session: Session) -> None:
    """Nobody of a store that has left buys here."""
    found = session.get(StoreHabits, store_of(session))
    if found is not None:
        found.due_at = None
