"""Looking at one store every few minutes: what is red begins a trouble, what is gone ends one."""

from uuid import UUID

from sqlalchemy import select

from app import clock
from app.config import Config
from app.inbox.findings import OF_EVERY_STORE, Finding, find
from app.inbox.health import read_facts
from app.inbox.pulse import Colour
from app.models import Store, StoreStatus
from app.stores import lifecycle
from app.stores.operator import tell_operator, ways_of
from app.stores.troubles import Red, settle
from app.tenancy import platform_transaction, store_transaction


def examine(store_id: UUID, config: Config) -> int:
    """One look, and the words to the operator that are due; how many were brought or tried.

    A store that has left is in no trouble any more.
    """
    red = _red(store_id)
    if any(one.everywhere for one in red) and not _speaks_for_all(store_id):
        red = [one for one in red if not one.everywhere]
    with store_transaction(store_id) as session:
        settle(session, red, ways_of(config), clock.now())
    return tell_operator(store_id, config)


def _red(store_id: UUID) -> list[Red]:
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        found = find(read_facts(session)) if store.status == StoreStatus.ACTIVE else []
    return [_as_trouble(one) for one in found if one.colour is Colour.RED]


def _as_trouble(one: Finding) -> Red:
    values = {**one.values, "messages": one.messages}
    return Red(one.code, one.subject, values, everywhere=one.code in OF_EVERY_STORE)


def _speaks_for_all(store_id: UUID) -> bool:
    """The operator hears of what ails every store from one of them: the first that is connected."""
    with platform_transaction("find the store that speaks for all") as session:
        connected = select(Store.store_id).where(Store.status == StoreStatus.ACTIVE)
        return session.scalar(connected.order_by(Store.store_id).limit(1)) == store_id
