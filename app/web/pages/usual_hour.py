"""The hour of their day at which a person is likeliest to answer, as their page shows it."""

from sqlalchemy.orm import Session

from app.customers.snapshot import Snapshot
from app.flows.best_hour import own_answers
from app.flows.hours import whereabouts
from app.flows.steps import DAY
from app.models import Store, StoreHabits
from app.science.hours import choose, likely


def usual_hour(session: Session, store: Store, person: Snapshot) -> int | None:
    """Of the hours from which a `best_time` chooses that names none. None while nobody in the store
    has answered anything: then every hour is as good."""
    habits = session.get(StoreHabits, store.store_id)
    own = own_answers(person, whereabouts(person, store.timezone).timezone)
    if habits is None or not sum(habits.hours):
        return None
    # A draw of 1 leaves nothing to chance.
    return choose(likely(habits.hours, own), DAY, draw=1.0).hour
