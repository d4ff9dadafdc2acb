"""After the day's count of the segments: everything that is reported of a store's people."""

from uuid import UUID

from app import clock, reports
from app.models import StoreStatus
from app.stores import lifecycle
from app.tenancy import store_transaction


def measure_reports(store_id: UUID) -> int:
    """Measure it anew where that is due; 1 when there was something to do."""
    now = clock.now()
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            reports.put_off(session)
            return 0
        if not reports.claim(session, now):
            return 0
    with store_transaction(store_id) as session:
        reports.keep(session, reports.read_people(session, store, now), now)
    return 1
