"""Looking at one store every few minutes: what is red begins a trouble, what is gone ends one."""

from uuid import UUID

from app import clock
from app.config import Config
from app.inbox.findings import find
from app.inbox.health import read_facts
from app.inbox.pulse import Colour
from app.models import StoreStatus
from app.stores import lifecycle
from app.stores.operator import tell_operator, ways_of
from app.stores.troubles import Red, settle
from app.tenancy import store_transaction


def examine(store_id: UUID, config: Config) -> int:
    """One look, and the words to the operator that are due; how many were brought or tried.

    A store that has left is in no trouble any more.
    """
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        found = find(read_facts(session)) if store.status == StoreStatus.ACTIVE else []
        red = [
            Red(one.code, one.subject, {**one.values, "messages": one.messages})
            for one in found
            if one.colour is Colour.RED
        ]
        settle(session, red, ways_of(config), clock.now())
    return tell_operator(store_id, config)
