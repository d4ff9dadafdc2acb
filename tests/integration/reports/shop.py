"""A shop with people and orders as a test wants them, and what follows them in customers' rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.models import Customer, Order, OrderLine, Store, new_id
from app.reports import People, read_people
from app.tenancy import store_transaction
from tests.conftest import START


def person(store_id: UUID, orders: Sequence[dict[str, Any]], **more: Any) -> UUID:
    """Somebody with these orders, each with `at` and what else an order has; `bought`: titles of
    its lines with what each cost."""
    customer_id, first_seen = new_id(), {"first_seen_at": START}
    paid = [each for each in orders if each.get("counts", True)]
    counted = [each["at"] for each in paid]
    with store_transaction(store_id) as session:
        session.add(
            Customer(
                store_id=store_id,
                customer_id=customer_id,
                orders_count=len(paid),
                spent_minor=sum(each.get("total_minor", 1_000) for each in paid),
                first_order_at=min(counted, default=None),
                last_order_at=max(counted, default=None),
                **{**first_seen, **more},
            )
        )
        session.flush()
        for each in orders:
            session.add_all(_order(store_id, customer_id, **each))
            session.flush()
    return customer_id


def _order(
    store_id: UUID,
    customer_id: UUID,
    at: datetime,
    bought: Sequence[tuple[str, int]] = (),
    **more: Any,
) -> list[Order | OrderLine]:
    key = str(new_id())
    values = {"counts": True, "currency": "EUR", "total_minor": 1_000, "status": "paid", **more}
    common = {"store_id": store_id, "order_key": key}
    order = Order(
        **common, number="1", customer_id=customer_id, placed_at=at, source_updated_at=at, **values
    )
    lines = [
        OrderLine(**common, line_key=str(place), title=title, quantity=1, total_minor=minor)
        for place, (title, minor) in enumerate(bought)
    ]
    return [order, *lines]


def reported(store_id: UUID, now: datetime) -> People:
    with store_transaction(store_id) as session:
        return read_people(session, session.get_one(Store, store_id), now)
