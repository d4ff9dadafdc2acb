"""What is predicted of each customer, by what was learnt of their store, part by part.

Only what has changed by more than its last digit is written. Rows go by COPY through a table of the
transaction's own, because COPY is not allowed into one with row-level security.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.apply import open_batch
from app.customers.bought import read_bought
from app.customers.forecasting import is_due_to_tell, study_of
from app.customers.parts import FIRST, LAST, end_of_part
from app.models import Forecast, Store
from app.science.purchases import buyers
from app.science.scores import Scores, score
from app.tenancy import store_of

PART = 20_000
CLUSTERS = "ABCD"
"""Their letters, by number; science finds four at most."""
_NONE = "-"
_MOST_MINOR = 1e15
_HEAD, _TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_ROW = np.dtype(
    [
        ("columns", ">i2"),
        *(("width_of_id", ">i4"), ("id", ">u8", 2)),
        *(("width_of_will_buy", ">i4"), ("will_buy", ">f8")),
        *(("width_of_orders", ">i4"), ("orders", ">f8")),
        *(("width_of_worth", ">i4"), ("worth", ">f8")),
        *(("width_of_cluster", ">i4"), ("cluster", "S1")),
    ]
)
_WIDTHS = {"columns": 5, "width_of_id": 16, "width_of_cluster": 1} | dict.fromkeys(
    ("width_of_will_buy", "width_of_orders", "width_of_worth"), 8
)
_TOLD = text(
    "CREATE TEMP TABLE told (customer_id uuid, will_buy float8, orders float8, worth float8,"
    " cluster text) ON COMMIT DROP"
)
_COPY = "COPY told FROM STDIN (FORMAT BINARY)"
_WRITE = text("""
    INSERT INTO predictions (store_id, customer_id, will_buy, expected_orders, expected_value_minor,
        cluster, predicted_at)
    SELECT :store, new.*, :now
    FROM (
        SELECT customer_id, nullif(told.will_buy, 'NaN')::numeric(4, 1) AS will_buy,
            nullif(told.orders, 'NaN')::numeric(8, 2) AS orders,
            nullif(told.worth, 'NaN')::bigint AS worth, nullif(told.cluster, '-') AS cluster
        FROM told JOIN customers USING (customer_id)
        WHERE customers.store_id = :store AND customers.erased_at IS NULL
    ) AS new
    LEFT JOIN predictions AS old ON old.store_id = :store AND old.customer_id = new.customer_id
    WHERE old.customer_id IS NULL
        OR (old.will_buy, old.expected_orders, old.expected_value_minor, old.cluster)
            IS DISTINCT FROM (new.will_buy, new.orders, new.worth, new.cluster)
    ON CONFLICT (store_id, customer_id) DO UPDATE SET will_buy = excluded.will_buy,
        expected_orders = excluded.expected_orders,
        expected_value_minor = excluded.expected_value_minor, cluster = excluded.cluster,
        predicted_at = excluded.predicted_at
""")
_DROP = text("""
    DELETE FROM predictions WHERE store_id = :store AND customer_id > :after
        AND customer_id <= :until
        AND NOT EXISTS (SELECT FROM told WHERE told.customer_id = predictions.customer_id)
""")


def tell_part(session: Session, store: Store, now: datetime, most: int = PART) -> bool:
    """Tell the next `most` people, if that is due; whether there are more."""
    open_batch(session, now)
    if not is_due_to_tell(session, now):
        return False
    kept = session.get_one(Forecast, store.store_id)
    after = kept.told_to or FIRST
    until = end_of_part(session, after, most)
    _tell(session, store, now, after, until or LAST)
    kept.told_to = until
    if until is None:
        kept.due_at, kept.told_at = None, now
    return until is not None


def _tell(session: Session, store: Store, now: datetime, after: UUID, until: UUID) -> None:
    """Of these people; who is told nothing any more has no row."""
    session.execute(_TOLD)
    found = study_of(session.get(Forecast, store.store_id))
    if found is not None and (found.learnt.way or found.learnt.clusters):
        bought = read_bought(session, store, now, after, until)
        known = buyers(bought.purchases, bought.today)
        _copy(session, bought.ids[known.customer], score(found.learnt, known))
    asked = {"store": store_of(session), "after": after, "until": until}
    session.execute(_WRITE, {**asked, "now": now})
    session.execute(_DROP, asked)


def _copy(session: Session, ids: NDArray[np.uint64], scores: Scores) -> None:
    rows = np.zeros(len(ids), _ROW)
    for name, width in _WIDTHS.items():
        rows[name] = width
    rows["id"], rows["will_buy"], rows["orders"] = ids, scores.will_buy, scores.orders
    rows["worth"] = np.clip(scores.worth, 0, _MOST_MINOR)
    rows["cluster"] = np.array([*(_NONE + CLUSTERS)], "S1")[scores.cluster]
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(_HEAD + rows.tobytes() + _TAIL)
