"""A fact made ready to be folded: its key, its names in normal form, its place in time.

Everything here follows from the fact alone, never from what arrived before it, because that is
what lets facts come in any order. Two versions of one thing are ordered by `version`: the source's
clock, then how far an order has come (shops write several states within one second), then the
content itself, so that a tie always falls the same way.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.customers.addresses import normal_email, normal_phone
from app.customers.changes import Incoming
from app.events import (
    FACTS,
    TOLD_BY_ID,
    CartSeen,
    ConsentChanged,
    CustomerActed,
    CustomerDeleted,
    CustomerFact,
    CustomerSeen,
    OrderSeen,
    OrderStatus,
    Person,
)
from app.jsontext import plain, storable, write_sorted

UNTOLD = datetime(1970, 1, 1, tzinfo=UTC)
"""The clock of a row known only from its end: whatever is told of it is newer."""

ABANDONED = "cart_abandoned"
"""The name of the fact by which our own sweep puts an abandonment on record."""

NO_SIGN = frozenset(
    {
        *(ABANDONED, "tag_added", "tag_removed"),
        *("payment_failed", "payment_succeeded", "subscription_expired", "trial_expired"),
        *("contact_unanswered", "ticket_closed"),
    }
)
"""Acts that befall a person or that the shop does: no sign of life."""

Node = tuple[str, str]
_RANK = {
    OrderStatus.PENDING: "0",
    OrderStatus.PAID: "1",
    OrderStatus.CANCELLED: "2",
    OrderStatus.REFUNDED: "3",
}


@dataclass(slots=True)
class Told:
    """One fact, parsed once. `clock` is `at` as a stamp, `text` the fact as JSON. `names` name a
    person for certain; `nodes` are all that it says to be one person, and no phone is, see
    `identity`. `hint` is the customer the log already gave it to (rebuild only)."""

    fact: CustomerFact
    source: str
    live: bool
    at: datetime
    clock: str
    key: str
    text: str
    person: Person
    email: str | None
    phone: str | None
    carts: tuple[str, ...]
    names: list[Node]
    nodes: list[Node]
    hint: UUID | None = None

    @property
    def is_only_a_number(self) -> bool:
        return self.phone is not None and not self.nodes

    @property
    def names_somebody(self) -> bool:
        return bool(self.phone or self.names)

    @property
    def version(self) -> str:
        rank = _RANK[self.fact.status] if isinstance(self.fact, OrderSeen) else "0"
        return f"{self.clock}|{rank}|{self.key[:16]}"


def stamp(moment: datetime) -> str:
    """A moment as text that sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(stamped: str) -> datetime:
    return datetime.fromisoformat(stamped)


def tell(incoming: Incoming) -> Told:
    """Prepare a fact: everything `apply` asks of it, worked out once."""
    fact = incoming.fact
    text = _canonical(fact)
    if text is None:
        fact = read_fact(_scrub(plain(fact)))
        text = write_sorted(fact)
    person, carts = _person(fact), _carts(fact)
    email = normal_email(person.email)
    named = (("platform", person.platform_key), ("email", email))
    names = [(kind, value) for kind, value in named if value]
    return Told(
        fact=fact,
        source=incoming.source,
        live=incoming.live,
        at=fact.updated_at,
        clock=stamp(fact.updated_at),
        key=digest(_name_of(fact) or text),
        text=text,
        person=person,
        email=email,
        phone=normal_phone(person.phone, person.country),
        carts=carts,
        names=names,
        nodes=names + [("cart", key) for key in carts],
    )


def read_fact(data: Mapping[str, Any]) -> CustomerFact:
    """The fact that was written as `data`."""
    fact = FACTS.validate_python(data)
    assert isinstance(fact, CustomerFact)
    return fact


def _canonical(fact: CustomerFact) -> str | None:
    """The same text for the same fact. None where PostgreSQL could not keep it, see `storable`."""
    try:
        text = write_sorted(fact)
    except UnicodeEncodeError:
        return None
    return None if "\\u0000" in text else text


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple):
        return [_scrub(item) for item in value]
    if isinstance(value, dict):
        return {_scrub(name): _scrub(item) for name, item in value.items()}
    return value


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _name_of(fact: CustomerFact) -> str | None:
    """An act with an id of its sender's is that act, whatever else is said the second time."""
    if isinstance(fact, CustomerActed) and fact.event_key.startswith(TOLD_BY_ID):
        return fact.event_key
    return None


def _person(fact: CustomerFact) -> Person:
    match fact:
        case CustomerSeen() | OrderSeen() | CartSeen() | ConsentChanged() | CustomerActed():
            return fact.person
        case CustomerDeleted():
            return Person(platform_key=fact.platform_key)
    return Person()


def _carts(fact: CustomerFact) -> tuple[str, ...]:
    match fact:
        case OrderSeen() | CartSeen():
            return tuple(dict.fromkeys(fact.cart_keys))
        case CustomerActed() if fact.name == ABANDONED:
            return (str(fact.values["cart_key"]),)
    return ()


def order_keys(told: Sequence[Told]) -> list[str]:
    """The orders these facts are about."""
    found = {key for one in told if (key := getattr(one.fact, "order_key", None))}
    return sorted(found)
