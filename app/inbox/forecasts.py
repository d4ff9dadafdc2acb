"""Each night, after the day's walk, everybody is told what is expected of them."""

from uuid import UUID

from app import clock, customers
from app.models import StoreStatus
from app.science.study import study
from app.stores import lifecycle
from app.tenancy import store_transaction


def keep_forecasts(store_id: UUID) -> int:
    """The next step of it that is due, to learn or to tell a part; 1 when there is more."""
    now = clock.now()
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            customers.put_off_forecasts(session)
            return 0
        lease = customers.claim_learning(session, now)
        if lease is None:
            return int(customers.tell_part(session, store, now))
    # In a transaction of its own: whoever asks for forecasts meanwhile need not wait for our row.
    with store_transaction(store_id) as session:
        ground = customers.ground_of(session, lifecycle.this_store(session), now)
        before = customers.clusters_before(session)
    # No transaction is open here: to learn takes seconds in a large store.
    found = study(ground, before)
    with store_transaction(store_id) as session:
        customers.keep_study(session, found, now, lease)
    return 1
