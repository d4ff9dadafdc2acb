"""Once a day everybody's standing is brought up to date, one part of the store at a time, then
every segment is counted, and reports are asked for."""

from uuid import UUID

import structlog

from app import clock, customers, reports, segments
from app.models import StoreStatus
from app.stores import lifecycle
from app.tenancy import store_transaction
from app.trouble import is_passing, place_of

_FALLING = 10
_log = structlog.get_logger(__name__)


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


def _count(store_id: UUID, most: int = segments.PASS) -> int:
    """In transactions of its own: the walk holds the store's customers until its end.

    All at once; when that breaks, in parts, down to the one that breaks us, which is put off, so
    that the others are counted.
    """
    try:
        return _count_some(store_id, most)
    except Exception as error:
        if is_passing(error):
            raise
        if most > 1:
            return _count(store_id, most // _FALLING)
        told = {"error": type(error).__name__, "place": place_of(error)}
        _log.error("segment_failed", store_id=str(store_id), **told)
    with store_transaction(store_id) as session:
        segments.put_off_first(session, lifecycle.this_store(session), clock.now())
    return 1


def _count_some(store_id: UUID, most: int) -> int:
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        if store.status != StoreStatus.ACTIVE:
            segments.put_off_counts(session, store, clock.now())
            return 0
        counted = segments.count_due(session, store, clock.now(), most)
        if counted:
            reports.ask(session, clock.now())
        return int(counted == most)
