"""The last two years of a store's customers in one row, read in one statement."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app.models import Order, Store
from app.models.rows import STORE
from app.reports.levers import Year

_YEAR = timedelta(days=365)


def read_year(session: Session, store: Store, now: datetime) -> Year:
    asked = {
        "store": store.store_id,
        "currency": store.currency,
        "before": now - 2 * _YEAR,
        "last": now - _YEAR,
        "now": now,
    }
    return Year(*(int(figure or 0) for figure in session.execute(_YEARS, asked).one()))


def _years() -> Select[Any]:
    last = Order.placed_at >= bindparam("last")
    net = func.greatest(Order.total_minor - Order.refunded_minor, 0)
    each = (
        select(
            func.bool_or(~last).label("before"),
            func.count().filter(last).label("orders"),
            func.sum(net).filter(last).label("spent"),
        )
        .where(
            Order.store_id == STORE,
            Order.customer_id.is_not(None),
            Order.counts,
            Order.currency == bindparam("currency"),
            Order.placed_at >= bindparam("before"),
            Order.placed_at <= bindparam("now"),
        )
        .group_by(Order.customer_id)
        .subquery("each")
    )
    here = each.c.orders > 0
    figures: tuple[Any, ...] = (
        func.count().filter(each.c.before),
        func.count().filter(and_(each.c.before, here)),
        func.count().filter(here),
        func.sum(each.c.orders),
        func.sum(each.c.spent),
    )
    return select(*figures)


_YEARS = _years()
"""Made once (docs/decisions/0013-statements-made-once.md)."""
