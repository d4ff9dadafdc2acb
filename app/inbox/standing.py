"""Once a day everybody's standing is brought up to date, one part of the store at a time."""

from uuid import UUID

from app import clock, customers
from app.models import StoreStatus
from app.stores import lifecycle
from app.tenancy import store_transaction


def keep_standing(store_id: UUID) -> int:
    """The next part of a walk that is due; 1 when there is more of it."""
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            customers.put_off_walk(session, clock.now())
            return 0
        return int(customers.walk(session, store, clock.now()))
