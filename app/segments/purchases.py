"""What people have bought, as facts: the categories of it, and how often they ordered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from app.customers.snapshot import REMEMBERED_ORDERS, REMEMBERED_TIME, Snapshot
from app.models import Order, OrderLine, Product
from app.segments import tables
from app.segments.fact import Fact
from app.segments.operators import Kind
from app.segments.readings import Context
from app.segments.scope import Scope


def _categories(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    return tuple(name for names in snapshot.categories.values() for name in names)


def _of_category(scope: Scope, wanted: Sequence[str] | None) -> ColumnElement[bool]:
    if wanted is None:
        named: Any = func.jsonb_array_length(Product.categories) > 0
    else:
        named = or_(*(Product.categories.contains([name]) for name in wanted))
    products = select(Product.product_key).where(Product.store_id == scope.store_id, named)
    return OrderLine.product_key.in_(products)


def _moments(snapshot: Snapshot, context: Context) -> tuple[datetime, ...]:
    return tuple(order.placed_at for order in snapshot.orders)


def _orders(scope: Scope) -> Any:
    """As `acts.events`, of orders: as many of them as a snapshot holds."""

    def count_after(within: timedelta | None) -> ColumnElement[int]:
        since = scope.now - (within or REMEMBERED_TIME)
        times = func.least(func.count(), REMEMBERED_ORDERS).label("times")
        found = (
            select(Order.customer_id, times)
            .where(
                *tables.purchases(scope, Order),
                Order.customer_id.is_not(None),
                Order.placed_at > since,
                scope.of_the_meant(Order.customer_id),
            )
            .group_by(Order.customer_id)
        )
        return func.coalesce(scope.join(("orders placed", within), found).times, 0)

    return count_after


BOUGHT_CATEGORIES = Fact(
    name="products.bought_categories",
    kind=Kind.LIST,
    says="The categories, as the shop has them today, of the products in those orders.",
    get=_categories,
    overlap=tables.lines_of_latest(REMEMBERED_ORDERS, _of_category),
)
ORDER_PLACED = Fact(
    name="events.order_placed",
    kind=Kind.EVENT,
    says="How often they ordered: paid orders, fifty at most.",
    get=_moments,
    column=_orders,
)
"""The one event of its family that is told by what it left behind."""
