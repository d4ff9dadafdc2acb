"""Talking to shops and providers about everything but messages: history, opt-outs, erasures, calls,
profiles. Each part takes what is due, and a failure of one never holds up the next."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app import clock, customers, flows, jobs, messages
from app.errors import ComebackError
from app.events import CustomerFact, Fact
from app.inbox.shop_segments import read_members
from app.stores import backfill, lifecycle
from app.stores.connections import Connections
from app.tenancy import store_transaction

LIMIT = 20
"""Calls of one part and round: few enough to end within the time a stopped worker is given."""
_log = structlog.get_logger(__name__)


def sync(store_id: UUID, connections: Connections) -> int:
    """One round of every part that is due; returns how much was done."""
    parts: list[Callable[[], int]] = [
        partial(messages.write_back_due, store_id, connections, LIMIT),
        partial(messages.erase_due, store_id, connections, LIMIT),
        partial(flows.call_due, store_id, connections, LIMIT),
        partial(messages.upsert_due, store_id, connections, LIMIT),
        partial(read_history, store_id, connections),
        partial(read_members, store_id, connections),
    ]
    return sum(_guarded(part, store_id) for part in parts if not jobs.stopping())


def _guarded(part: Callable[[], int], store_id: UUID) -> int:
    try:
        return part()
    except ComebackError as error:
        _log.warning("sync_part_failed", store_id=str(store_id), error=type(error).__name__)
        return 0


def read_history(store_id: UUID, connections: Connections) -> int:
    """Read the next page of an unfinished backfill; 1 when there was one."""
    with store_transaction(store_id) as session:
        waiting = any(row.finished_at is None for row in backfill.progress(session))
    if not waiting:
        return 0
    try:
        shop = connections.shop(store_id)
    except ComebackError as error:
        backfill.put_off(store_id, error)
        raise
    apply = partial(apply_history, keys=connections.config.keys)
    read = backfill.read_next(store_id, shop, apply)
    with store_transaction(store_id) as session:
        if all(row.finished_at for row in backfill.progress(session)):
            customers.ask_for_a_walk(session, clock.now())
    return int(read)


def apply_history(session: Session, facts: Sequence[Fact], *, keys: Sequence[str]) -> None:
    """Facts of the past: they bring state up to date and start nothing.

    What has happened since the reading began is no past: taken from here it would come as old
    news, and its webhook, which may begin a journey, would then have nothing new to say.
    """
    began = min((row.started_at for row in backfill.progress(session)), default=None)
    incoming = [
        customers.Incoming(fact=fact, source="backfill", live=False)
        for fact in facts
        if isinstance(fact, CustomerFact) and (began is None or fact.updated_at <= began)
    ]
    now = clock.now()
    changes = customers.apply(session, incoming, now, keys=keys)
    flows.remember_history(session, lifecycle.this_store(session), changes, now)
