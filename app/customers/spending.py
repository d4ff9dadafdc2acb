"""What people have spent within the look-back of a store that has one: there money is graded by it,
and not by all that they ever spent (C1)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, bindparam, cast, func, select

from app.customers.lately import Meant
from app.models import Order, Store
from app.models.rows import STORE

_SINCE = bindparam("spent_since", type_=DateTime(timezone=True))


def asked(days: int, now: datetime) -> dict[str, Any]:
    """The parameter of a statement that asks for it; none where everything ever counts."""
    return {"spent_since": now - timedelta(days=days)} if days else {}


def spent_lately(meant: Meant) -> Any:
    """A row for each person who bought since then: what is left of it in the store's currency."""
    net = func.greatest(Order.total_minor - Order.refunded_minor, 0)
    own = select(Store.currency).where(Store.store_id == STORE).scalar_subquery()
    return (
        select(Order.customer_id, cast(func.sum(net), BigInteger).label("spent"))
        .where(
            Order.store_id == STORE,
            Order.customer_id.is_not(None),
            Order.counts,
            Order.currency == own,
            Order.placed_at > _SINCE,
            *meant(Order.customer_id),
        )
        .group_by(Order.customer_id)
        .subquery("spent_lately")
    )
