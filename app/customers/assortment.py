"""What goes with each product of a store and how often it is bought, from all that was sold lately.

Found anew as a whole, because a pair is near by all orders of both, and written in parts: a worker
that dies in the middle leaves products with yesterday's figures, each whole.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Session

from app.customers.sold import Sold
from app.models import ProductMeasure
from app.models.rows import STORE, Row, put
from app.science.arrays import Ints, distinct
from app.science.neighbours import Neighbours, neighbours
from app.science.rhythms import Rhythms, rhythms
from app.tenancy import store_of

RECENT_DAYS = 90
PART = 2_000
_LEAST_AGAIN = 5
"""People who bought a product again, before their gap is told to somebody who did not."""
_OLD = delete(ProductMeasure).where(
    ProductMeasure.store_id == STORE, ProductMeasure.measured_at < bindparam("now")
)


def measured(sold: Sold, store_id: UUID, now: datetime) -> Iterator[Sequence[Row]]:
    """The rows of all products that were sold, in parts. Touches no database."""
    many, order, named = len(sold.keys), _numbered(sold.order), sold.customer != 0
    near = neighbours(order, sold.product)
    customer = _numbered(sold.customer[named])
    rhythm = rhythms(customer, sold.product[named], sold.day[named], many)
    recent = _recent(sold, order)
    begins = np.searchsorted(near.product, np.arange(many + 1))
    bought = np.flatnonzero(np.bincount(sold.product, minlength=many))
    for first in range(0, len(bought), PART):
        yield [
            {
                "store_id": store_id,
                "product_key": sold.keys[number],
                "category": sold.categories[number],
                "sold": int(recent[number]),
                **_others(sold, near, slice(begins[number], begins[number + 1])),
                **_rhythm(rhythm, number),
                "measured_at": now,
            }
            for number in bought[first : first + PART]
        ]


def write(session: Session, rows: Sequence[Row]) -> None:
    put(session, ProductMeasure, rows)


def forget_unsold(session: Session, now: datetime) -> None:
    """Of products of which nothing was sold any more when all were measured at `now`."""
    session.execute(_OLD, {"store": store_of(session), "now": now})


def _numbered(values: Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1]


def _recent(sold: Sold, order: Ints) -> Ints:
    """The orders of the last months that held each product."""
    lately, many = sold.day > sold.today - RECENT_DAYS, max(len(sold.keys), 1)
    lines = distinct(order[lately] * many + sold.product[lately])
    return np.bincount(lines % many, minlength=many)


def _others(sold: Sold, near: Neighbours, rows: slice) -> dict[str, Any]:
    return {
        "others": [sold.keys[other] for other in near.other[rows]],
        "nearness": [round(float(each), 4) for each in near.nearness[rows]],
    }


def _rhythm(rhythm: Rhythms, number: int) -> dict[str, Any]:
    again = int(rhythm.again[number])
    if again < _LEAST_AGAIN:
        return {"gap_days": None, "again": 0.0}
    return {
        "gap_days": float(rhythm.gap[number]),
        "again": again / int(rhythm.buyers[number]),
    }
