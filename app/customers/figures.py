"""What orders add up to for their customers: of the new ones in memory, of the others by a look at
the table."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from app.customers.batch import Batch
from app.customers.orders import Work
from app.models import Customer, Order
from app.models.rows import STORE, Row, listed, one_of


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
    asked = {"store": batch.store_id, "people": listed(customer_ids), "currency": batch.currency}
    rows = batch.session.execute(_ADD_UP, asked, execution_options={"synchronize_session": False})
    return batch.counted | {row.customer_id: row.first_order_at for row in rows}


def _add_up() -> ReturningUpdate[UUID, datetime | None]:
    net = func.greatest(Order.total_minor - Order.refunded_minor, 0)
    own_currency = Order.currency == bindparam("currency")
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
        .where(Customer.store_id == STORE, one_of(Customer.customer_id, "people"))
        .group_by(Customer.customer_id)
        .subquery()
    )
    names = ("orders_count", "spent_minor", "first_order_at", "last_order_at")
    return (
        update(Customer)
        .where(Customer.store_id == STORE, Customer.customer_id == sums.c.customer_id)
        .values({name: sums.c[name] for name in names})
        .returning(Customer.customer_id, Customer.first_order_at)
    )


_ADD_UP = _add_up()
