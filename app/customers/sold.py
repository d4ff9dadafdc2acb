"""Every line a store has sold lately, as arrays: who bought what, in which order, on which day.

Read as PostgreSQL's binary rows like `bought`, and turned into arrays a part at a time, so that
five million lines take the room of their numbers and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session

from app.customers.bought import FIRST_DAY
from app.models import Order, Product, Store
from app.models.copied import Rows, columns, copied_in_parts
from app.models.rows import STORE
from app.science.arrays import Ints

YEARS = timedelta(days=730)
MOST_ORDERS = 2_000_000
_ROW = columns(("order", 8), ("customer", 8), ("product", 8), ("day", 4))
_KEPT = ("order", "customer", "day")
_LINES = """
    COPY (
        SELECT hashtextextended(o.order_key, 0), coalesce(uuid_hash_extended(o.customer_id, 0), 0),
            hashtextextended(l.product_key, 0),
            (o.placed_at AT TIME ZONE %(zone)s)::date - DATE '2000-01-01'
        FROM orders o JOIN order_lines l ON l.store_id = o.store_id AND l.order_key = o.order_key
        WHERE o.store_id = %(store)s AND l.store_id = %(store)s AND o.counts
            AND o.deleted_at IS NULL AND o.placed_at > %(since)s AND o.placed_at <= %(now)s
            AND l.product_key IS NOT NULL
    ) TO STDOUT (FORMAT BINARY)
"""
_HASH = func.hashtextextended(Product.product_key, 0)
_PRODUCTS = (
    select(Product.product_key, Product.categories, _HASH)
    .where(Product.store_id == STORE)
    .order_by(_HASH)
)
_OLDEST = (
    select(Order.placed_at)
    .where(Order.store_id == STORE)
    .order_by(Order.placed_at.desc())
    .offset(bindparam("most", type_=Integer))
    .limit(1)
)


@dataclass(frozen=True, slots=True, eq=False)
class Sold:
    """A place in each array for a line. `product` counts `keys`; customer 0 is nobody; orders and
    customers are numbers without an order. `categories`: the first of each product, or nothing."""

    keys: Sequence[str]
    categories: Sequence[str]
    order: Ints
    customer: Ints
    product: Ints
    day: Ints
    today: int


def read_sold(session: Session, store: Store, now: datetime) -> Sold:
    """Lines of the orders that count of the last two years, of the latest two million at most, and
    of products that the shop has told of."""
    shelf = session.execute(_PRODUCTS, {"store": store.store_id}).all()
    hashes = np.array([row[2] for row in shelf], np.int64)
    oldest = session.scalar(_OLDEST, {"store": store.store_id, "most": MOST_ORDERS})
    asked = {
        "zone": store.timezone,
        "store": store.store_id,
        "since": max(now - YEARS, oldest or now - YEARS),
        "now": now,
    }
    parts = [_known(part, hashes) for part in copied_in_parts(session, _LINES, asked, _ROW)]
    order, customer, product, day = (np.concatenate(each) for each in zip(*parts, strict=True))
    categories = [next(iter(row[1]), "") for row in shelf]
    today = (now.astimezone(ZoneInfo(store.timezone)).date() - FIRST_DAY).days
    return Sold([row[0] for row in shelf], categories, order, customer, product, day, today)


def _known(rows: Rows, hashes: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The columns of rows whose product is one of `hashes`, which are sorted."""
    asked = rows["product"].astype(np.int64)
    place = np.minimum(np.searchsorted(hashes, asked), max(len(hashes) - 1, 0))
    known = hashes[place] == asked if len(hashes) else np.zeros(len(asked), bool)
    order, customer, day = (rows[name][known].astype(np.int64) for name in _KEPT)
    return order, customer, place[known], day
