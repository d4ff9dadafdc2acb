"""Facts about people of a small shop, short to write; moments are minutes after `START`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app import clock, customers
from app.customers import Change, ChangeKind, Incoming
from app.events import (
    CartSeen,
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerFact,
    CustomerSeen,
    Line,
    OrderSeen,
    OrderStatus,
    Person,
)
from app.tenancy import store_transaction
from tests.conftest import START


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def line(product: str = "tea", total: int = 1_000) -> Line:
    return Line(
        line_key=product, product_key=product, title=product.title(), quantity=1, total_minor=total
    )


def order(key: str, minutes: float, person: Person | None = None, **more: Any) -> OrderSeen:
    values: dict[str, Any] = {
        "order_key": key,
        "number": f"#{key}",
        "person": person or Person(),
        "status": OrderStatus.PAID,
        "currency": "EUR",
        "total_minor": 1_000,
        "lines": (line(),),
        "placed_at": at(minutes),
        "updated_at": at(minutes),
    }
    return OrderSeen(**{**values, **more})


def cart(*keys: str, minutes: float, person: Person | None = None, **more: Any) -> CartSeen:
    values: dict[str, Any] = {
        "cart_keys": keys,
        "person": person or Person(),
        "currency": "EUR",
        "total_minor": 1_000,
        "lines": (line(),),
        "updated_at": at(minutes),
    }
    return CartSeen(**{**values, **more})


def seen(minutes: float, **person: Any) -> CustomerSeen:
    return CustomerSeen(person=Person(**person), updated_at=at(minutes))


def choice(
    minutes: float,
    state: str,
    channel: str = "email",
    source: str = "shopify",
    level: str | None = None,
    **person: Any,
) -> ConsentChanged:
    return ConsentChanged(
        person=Person(**person),
        channel=ConsentChannel(channel),
        state=ConsentState(state),
        source=source,
        level=level,
        updated_at=at(minutes),
    )


def tell(
    store_id: UUID,
    *facts: CustomerFact,
    live: bool = True,
    source: str = "webhook",
    keys: Sequence[str] = (),
) -> list[Change]:
    """Apply the facts in one transaction of their own."""
    with store_transaction(store_id) as session:
        incoming = [Incoming(fact=fact, source=source, live=live) for fact in facts]
        return customers.apply(session, incoming, clock.now(), keys=keys)


def kinds(changes: Sequence[Change]) -> list[ChangeKind]:
    return [change.kind for change in changes]
