"""After the day's walk: when a store's people answer, and what they buy together and again.

Read in one transaction, worked out in none, and written a part at a time.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.customers import answers, assortment, habits, sold
from app.models import StoreStatus
from app.segments import of_everybody
from app.stores import lifecycle
from app.tenancy import store_transaction


def keep_habits(store_id: UUID) -> int:
    """Find them anew where that is due; 1 when there was something to do."""
    now = clock.now()
    with store_transaction(store_id) as session:
        lease = _claim(session, now)
    if lease is None:
        return 0
    # In a transaction of its own: whoever asks for habits meanwhile need not wait for our row.
    with store_transaction(store_id) as session, of_everybody(session):
        store = lifecycle.this_store(session)
        hours = answers.answers_by_hour(session, store, now)
        lines = sold.read_sold(session, store, now)
    for rows in assortment.measured(lines, store_id, now):
        with store_transaction(store_id) as session:
            assortment.write(session, rows)
    with store_transaction(store_id) as session:
        assortment.forget_unsold(session, now)
        habits.habits_found(session, hours, now, lease)
    return 1


def _claim(session: Session, now: datetime) -> datetime | None:
    if lifecycle.this_store(session).status != StoreStatus.ACTIVE:
        habits.put_off_habits(session)
        return None
    return habits.claim_habits(session, now)
