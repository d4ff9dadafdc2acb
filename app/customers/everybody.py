"""Everybody's standing, brought up to date once a day, because time alone moves people.

Who cannot have moved is passed by, unless the rules are others than when all were last looked at.
A store is walked through in parts, each in a transaction of its own, and where the walk has come to
is kept: a worker that dies in the middle costs one part.
"""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.customers.apply import open_batch
from app.customers.forecasting import ask_for_forecasts, learn_again
from app.customers.habits import ask_for_habits
from app.customers.measuring import bounds_of, measure
from app.customers.parts import FIRST, PART
from app.customers.standing import rules, stand_due, stand_part
from app.models import Store, StoreMeasure
from app.models.rows import table_of
from app.stores.settings import read_settings
from app.tenancy import store_of

EVERY = timedelta(days=1)


def walk(session: Session, store: Store, now: datetime, most: int = PART) -> bool:
    """The next `most` people, if the day's walk is due; whether there are more."""
    open_batch(session, now)
    kept = session.get(StoreMeasure, store.store_id)
    if kept is not None and kept.due_at > now:
        return False
    if kept is None or kept.walked_to is None:
        kept = measure(session, store, now)
    by = bounds_of(kept, read_settings(store.settings))
    look = stand_due if kept.rules == rules(by) else stand_part
    _, kept.walked_to = look(session, by, now, kept.walked_to or FIRST, most)
    if kept.walked_to is None:
        kept.rules, kept.due_at = rules(by), kept.measured_at + EVERY
        ask_for_forecasts(session, now)
        ask_for_habits(session, now)
    return kept.walked_to is not None


def put_off_walk(session: Session, now: datetime) -> None:
    """Nobody of a store that has left moves."""
    kept = session.get(StoreMeasure, store_of(session))
    if kept is not None:
        kept.due_at = now + EVERY


def ask_for_a_walk(session: Session, now: datetime, *, again: bool = True) -> None:
    """Have everybody looked at soon: there is a history that was not there before, or a
    merchant has chosen other bounds. Not `again`: only in a store where nobody ever was."""
    asked = insert(table_of(StoreMeasure)).values(
        store_id=store_of(session), fifths=[], measured_at=now, due_at=now
    )
    renewed = {"due_at": now, "walked_to": None, "rules": None}
    session.execute(
        asked.on_conflict_do_update(index_elements=["store_id"], set_=renewed)
        if again
        else asked.on_conflict_do_nothing()
    )
    if again:
        learn_again(session, now)
