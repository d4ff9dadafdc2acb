"""Everybody's standing, brought up to date once a day, because time alone moves people.

Who cannot have moved is passed by, unless the rules are others than when all were last looked at.
A store is walked through in parts, each in a transaction of its own, and where the walk has come to
is kept: a worker that dies in the middle costs one part. Rules that change on the way, by a
merchant or a release, begin it anew: else those already looked at would be passed by from then on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.customers.apply import open_batch
from app.customers.forecasting import ask_for_forecasts, learn_again
from app.customers.grades import Measure
from app.customers.habits import ask_for_habits
from app.customers.measuring import bounds_of, measure
from app.customers.parts import FIRST, PART
from app.customers.standing import rules, stand_due, stand_part
from app.models import Store, StoreMeasure
from app.models.rows import table_of
from app.stores.settings import read_settings
from app.tenancy import store_of

Look: TypeAlias = Callable[[Session, Measure, datetime, UUID, int], tuple[int, UUID | None]]
EVERY = timedelta(days=1)
_BEGUN = "begun "
"""Before the rules of a look at everybody that is not over."""


def walk(session: Session, store: Store, now: datetime, most: int = PART) -> bool:
    """The next `most` people, if the day's walk is due; whether there are more."""
    open_batch(session, now)
    # Held until the end: a walk that is asked for meanwhile comes after this part.
    kept = session.get(StoreMeasure, store.store_id, with_for_update=True, populate_existing=True)
    if kept is not None and kept.due_at > now:
        return False
    session.refresh(store, ["settings"])
    if kept is None or kept.walked_to is None:
        kept = measure(session, store, now)
    by = bounds_of(kept, read_settings(store.settings))
    look = _look(kept, by)
    _, kept.walked_to = look(session, by, now, kept.walked_to or FIRST, most)
    if kept.walked_to is None:
        kept.rules, kept.due_at = rules(by), kept.measured_at + EVERY
        ask_for_forecasts(session, now)
        ask_for_habits(session, now)
    return kept.walked_to is not None


def _look(kept: StoreMeasure, by: Measure) -> Look:
    """At whom may have moved, or at everybody where that was not done by these rules."""
    if kept.rules == rules(by):
        return stand_due
    if kept.rules != _BEGUN + rules(by):
        kept.rules, kept.walked_to = _BEGUN + rules(by), FIRST
    return stand_part


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
