"""Facts about people who were forgotten: what no source may bring back, and who comes back.

Who was only silent for long is unknown to every history, import and change of a record, until they
do something again; then they are a new person. It must never make anybody else known again.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.crypto import fingerprint
from app.customers import tombstones
from app.customers.changes import Incoming
from app.customers.facts import NO_SIGN, Told, tell
from app.customers.suppression import PLATFORM
from app.customers.tombstones import Tombstone
from app.events import (
    CartSeen,
    ConsentChanged,
    CustomerActed,
    CustomerSeen,
    OrderSeen,
    Person,
)
from app.stores.lasting import lasting_key

_ACTS = OrderSeen | CartSeen | ConsentChanged | CustomerActed
_NAMING = CustomerSeen | _ACTS


def without_forgotten(session: Session, told: Sequence[Told], keys: Sequence[str]) -> list[Told]:
    """The facts without the people who were forgotten: their orders stay, nameless; the rest goes.

    An act by which somebody returns stays whole, and what follows it.
    """
    key = lasting_key(session, keys)
    names = {one.key: _hashes(one, key) for one in told}
    found = tombstones.find(session, {v for hashes in names.values() for v in hashes.values()})
    if not found:
        return list(told)
    kept: list[Told | None] = []
    back: set[str] = set()
    for one in told:
        known = {n: found[v] for n, v in names[one.key].items() if v in found and v not in back}
        if known and all(_returns(one, stone) for stone in known.values()):
            back |= found.keys() & set(names[one.key].values())
            known = {}
        kept.append(_strip(one, set(known)))
    tombstones.lift(session, back)
    return [one for one in kept if one is not None]


def _returns(one: Told, stone: Tombstone) -> bool:
    """Whether the person themselves did this, after they were forgotten, and it is no history."""
    if isinstance(one.fact, CustomerActed) and one.fact.name in NO_SIGN:
        return False
    at = one.fact.placed_at if isinstance(one.fact, OrderSeen) else one.at
    return stone.may_return and one.live and isinstance(one.fact, _ACTS) and at > stone.since


def _hashes(one: Told, key: str) -> dict[str, str]:
    found = {"email": one.email, "phone": one.phone, PLATFORM: one.person.platform_key}
    return {name: fingerprint(key, value) for name, value in found.items() if value}


def _strip(one: Told, forgotten: set[str]) -> Told | None:
    fact = one.fact
    if not forgotten:
        return one
    if isinstance(fact, _NAMING) and one.names and forgotten == {"phone"}:
        # Somebody else has the number too, and was not forgotten.
        without = replace(fact, person=replace(one.person, phone=None))
        return tell(Incoming(fact=without, source=one.source, live=one.live))
    if isinstance(fact, OrderSeen):
        return tell(Incoming(fact=nameless(fact), source=one.source, live=one.live))
    return None


def nameless(fact: OrderSeen) -> OrderSeen:
    """The order as the store's accounts need it, with nothing that leads to a person."""
    return replace(fact, person=Person(), cart_keys=(), utm={}, discount_codes=())
