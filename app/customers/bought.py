"""Everything a store has sold, as arrays for models: one row for each customer and day.

Never four million objects for as many rows, see `models.copied`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.customers.parts import FIRST, LAST
from app.models import Store
from app.models.copied import Rows, columns, copied
from app.science.purchases import Purchases

FIRST_DAY = date(2000, 1, 1)
_ROW = columns(("customer", 16), ("day", 4), ("spent", 8))
_SALES = """
    COPY (
        SELECT customer_id, (placed_at AT TIME ZONE %(zone)s)::date - DATE '2000-01-01',
            sum(greatest(total_minor - refunded_minor, 0))::bigint
        FROM orders
        WHERE store_id = %(store)s AND customer_id IS NOT NULL AND counts AND deleted_at IS NULL
            AND currency = %(currency)s AND placed_at <= %(now)s
            AND customer_id > %(after)s AND customer_id <= %(until)s
        GROUP BY 1, 2 ORDER BY 1, 2
    ) TO STDOUT (FORMAT BINARY)
"""


@dataclass(frozen=True, slots=True, eq=False)
class Bought:
    """`purchases` in minor units and days since 2000, by the store's own calendar. `ids`: for each
    customer's number the two halves of their id."""

    purchases: Purchases
    ids: NDArray[np.uint64]
    today: int

    def customer_id(self, number: int) -> UUID:
        high, low = (int(half) for half in self.ids[number])
        return UUID(int=high << 64 | low)


def read_bought(
    session: Session, store: Store, now: datetime, after: UUID = FIRST, until: UUID = LAST
) -> Bought:
    """Orders that count, in the store's currency, less what was paid back: of everybody, or of
    those whose ids lie between two."""
    asked = {
        "zone": store.timezone,
        "store": store.store_id,
        "currency": store.currency,
        "now": now,
        "after": after,
        "until": until,
    }
    found = copied(session, _SALES, asked, _ROW)
    today = (now.astimezone(ZoneInfo(store.timezone)).date() - FIRST_DAY).days
    ids, number = _numbered(found)
    days, spent = found["day"].astype(np.int64), found["spent"].astype(np.float64)
    return Bought(Purchases(number, days, spent), ids, today)


def _numbered(found: Rows) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Each customer once, and the number of each row's: rows of one stand together."""
    ids = np.column_stack([found["customer_high"], found["customer_low"]]).astype(np.uint64)
    begins = np.ones(len(ids), bool)
    begins[1:] = (ids[1:] != ids[:-1]).any(axis=1)
    return ids[begins], np.cumsum(begins) - 1
