"""What orders add up to for their customers, and what is said about each of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, update

from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.customers.orders import Work
from app.models import Customer, Order
from app.models.rows import Row, among

_SHOWN = ("status", "total_minor", "refunded_minor", "deleted_at", "customer_id", "counts")


def count_new(batch: Batch, work: Work, known: Collection[UUID]) -> None:
    """Add up the orders of people who are new: all that they have are in this batch. `known` are
    those among them who were given what was somebody else's."""
    if batch.replay:
        return
    fresh = batch.people.keys() - batch.before.keys() - set(known)
    own: dict[UUID, list[Row]] = {customer_id: [] for customer_id in fresh}
    for entry in work.values():
        if entry.row is not None and entry.row["counts"] and entry.row["customer_id"] in own:
            own[entry.row["customer_id"]].append(entry.row)
    for customer_id, rows in own.items():
        placed = [row["placed_at"] for row in rows]
        person = batch.people[customer_id]
        person["orders_count"] = len(rows)
        person["spent_minor"] = sum(_net(row) for row in rows if row["currency"] == batch.currency)
        person["first_order_at"] = batch.counted[customer_id] = min(placed, default=None)
        person["last_order_at"] = max(placed, default=None)


def _net(row: Row) -> int:
    net: int = max(row["total_minor"] - row["refunded_minor"], 0)
    return net


def recount(batch: Batch) -> dict[UUID, datetime | None]:
    """Add up the orders of the customers in regard again; when each of them first bought."""
    customer_ids = sorted(batch.regard - batch.counted.keys())
    if not customer_ids:
        return batch.counted
    net = func.greatest(Order.total_minor - Order.refunded_minor, 0)
    own_currency = Order.currency == batch.currency
    sums = (
        select(
            Customer.customer_id,
            func.count(Order.order_key).label("orders_count"),
            func.coalesce(func.sum(net).filter(own_currency), 0).label("spent_minor"),
            func.min(Order.placed_at).label("first_order_at"),
            func.max(Order.placed_at).label("last_order_at"),
        )
        .outerjoin(
            Order,
            and_(
                Order.store_id == Customer.store_id,
                Order.customer_id == Customer.customer_id,
                Order.counts,
            ),
        )
        .where(Customer.store_id == batch.store_id, among(Customer.customer_id, customer_ids))
        .group_by(Customer.customer_id)
        .subquery()
    )
    names = ("orders_count", "spent_minor", "first_order_at", "last_order_at")
    rows = batch.session.execute(
        update(Customer)
        .where(Customer.store_id == batch.store_id, Customer.customer_id == sums.c.customer_id)
        .values({name: sums.c[name] for name in names})
        .returning(Customer.customer_id, Customer.first_order_at),
        execution_options={"synchronize_session": False},
    )
    return batch.counted | {row.customer_id: row.first_order_at for row in rows}


def announce(
    batch: Batch, work: Work, carts: dict[str, list[UUID]], first: dict[UUID, datetime | None]
) -> None:
    """Say what happened to each order. One is placed when it first counts, and only then."""
    for key, entry in work.items():
        row, before = entry.row, entry.before or {}
        if row is None or row == entry.before:
            continue
        owner = batch.orders_of.get(key, row["customer_id"])
        if row["counts"] and not before.get("bought", False):
            values: dict[str, Any] = {
                "first": owner is not None and first.get(owner) == row["placed_at"],
                "cart_ids": carts.get(key, []),
            }
            kind = ChangeKind.ORDER_PLACED
        elif any(before.get(name) != row[name] for name in _SHOWN):
            values = {"status": row["status"], "counts": row["counts"]}
            kind = ChangeKind.ORDER_CHANGED
        else:
            continue
        batch.note(kind, owner, entry.told, order_key=key, **values)
