"""Once a day everybody's standing is brought up to date, one part of the store at a time, then
every segment is counted, and reports are asked for."""

from uuid import UUID

from app import clock, customers, reports, segments
from app.models import StoreStatus
from app.stores import lifecycle
from app.tenancy import store_transaction


def keep_standing(store_id: UUID) -> int:
    """The next part of what is due; 1 when there is more of it."""
    return _walk(store_id) or _count(store_id)


def _walk(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            customers.put_off_walk(session, clock.now())
            return 0
        return int(customers.walk(session, store, clock.now()))


def _count(store_id: UUID) -> int:
    """In a transaction of its own: the walk holds the store's customers until its end."""
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            segments.put_off_counts(session, store, clock.now())
            return 0
        counted = segments.count_due(session, store, clock.now())
        if counted:
            reports.ask(session, clock.now())
        return int(counted == segments.PASS)
