"""What time alone brings about: carts grow idle, people grow inactive, dates arrive."""

from uuid import UUID

from app import clock, customers, flows, messages, offers
from app.inbox.process import take_changes
from app.models import StoreStatus
from app.stores import lifecycle
from app.stores.settings import read_settings
from app.tenancy import store_transaction

SWEEP = 500


def keep_rhythm(store_id: UUID) -> int:
    """One look at one store; returns how many carts changed, so that a full sweep comes again."""
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            return 0
        now = clock.now()
        settings = read_settings(store.settings)
        changes = customers.sweep_carts(session, settings, now, SWEEP)
        take_changes(session, store, changes)
        flows.enter_due(session, store, now)
        offers.sweep(session, now)
        customers.ask_for_a_walk(session, now, again=False)
        messages.doubt(session, now)
        return len(changes)
