"""Once a day it is measured anew what each flow has changed, and its trials share out anew."""

from uuid import UUID

from app import clock, experiments
from app.experiments.entrants import read_entrants
from app.experiments.lift import find_lift
from app.flows.holdouts import holdouts
from app.inbox.waves import make_waves
from app.models import StoreStatus
from app.stores import lifecycle
from app.tenancy import store_transaction


def measure_lifts(store_id: UUID) -> int:
    """The next flow that is due; 1 when there was one."""
    now = clock.now()
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            experiments.put_off(session, now)
            return 0
        flow_id = experiments.next_due(session, now)
        if flow_id is None:
            return 0
        flow = flow_id, holdouts(session, flow_id)
        entered = read_entrants(session, store, flow, experiments.WITHIN, now)
    make_waves(store_id, flow_id, now)
    # No transaction is open here: to shuffle many buyers takes seconds.
    found = find_lift(entered, seed=flow_id.int % 2**32)
    with store_transaction(store_id) as session:
        experiments.keep(session, flow_id, found, now)
    return 1
