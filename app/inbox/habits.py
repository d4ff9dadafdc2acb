"""After the day's walk: when a store's people answer, and what they buy together and again.

Read in one transaction, worked out in none, and written a part at a time.
"""

from uuid import UUID

from app import clock
from app.customers import answers, assortment, habits, sold
from app.models import StoreStatus
from app.stores import lifecycle
from app.tenancy import store_transaction


def keep_habits(store_id: UUID) -> int:
    """Find them anew where that is due; 1 when there was something to do."""
    now = clock.now()
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            habits.put_off_habits(session)
            return 0
        if not habits.claim_habits(session, now):
            return 0
        habits.keep_hours(session, answers.answers_by_hour(session, store, now))
        lines = sold.read_sold(session, store, now)
    for rows in assortment.measured(lines, store_id, now):
        with store_transaction(store_id) as session:
            assortment.write(session, rows)
    with store_transaction(store_id) as session:
        assortment.forget_unsold(session, now)
        habits.habits_found(session, now)
    return 1
