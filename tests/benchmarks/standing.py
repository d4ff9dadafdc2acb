"""Where everybody of a store stands: all of it, a day later, and plain SQL beside them."""

from datetime import datetime
from time import perf_counter
from uuid import UUID

import psycopg
from sqlalchemy import column, create_engine, or_, select, table
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from app import customers, db
from app.customers import grades, measuring
from app.customers.everybody import EVERY
from app.customers.measuring import bounds_of
from app.models import Customer, Store
from app.stores.settings import StoreSettings
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON, Ground, new_store
from tests.benchmarks.measure import Figure, Sizes

PLAIN = "the plain way, ntile over all orders"
ALONE = "grades and groups alone, into as plain a table"
AGAIN = "grades and groups alone, a day later"
FIRST = "the first walk through everybody"
DAILY = "a walk a day later"
_TABLE = "CREATE TABLE plain_rfm (customer_id uuid PRIMARY KEY, r int, f int, m int, name text)"
_NTILE = """
    INSERT INTO plain_rfm (customer_id, r, f, m)
    SELECT customer_id, ntile(5) OVER (ORDER BY max(placed_at)), ntile(5) OVER (ORDER BY count(*)),
        ntile(5) OVER (ORDER BY sum(total_minor - refunded_minor))
    FROM orders WHERE store_id = %s AND counts GROUP BY customer_id
"""


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Each size in a store of its own; every way in turn, round by round."""
    figures = []
    for count in sizes.people:
        store_id = new_store(here.config, presets=False)
        populate(here.owner_url, store_id, count)
        ways = [Figure(_named(way, count), "ms") for way in (PLAIN, ALONE, AGAIN, FIRST, DAILY)]
        for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds_at(count)):
            took = (
                _plain(here.owner_url, store_id),
                _alone(here.owner_url, store_id, NOON),
                _alone(here.owner_url, store_id, NOON + EVERY),
                _first(here.owner_url, store_id),
                _walk(store_id, NOON + EVERY),  # Who crosses a bound on this day is written.
            )
            if number >= 0:  # The first is for warming up.
                for figure, seconds in zip(ways, took, strict=True):
                    figure.rounds.append(seconds * 1000)
        figures += ways
    return figures


def _named(way: str, count: int) -> str:
    return f"standing: {way}, {count:,} customers"


def _plain(owner_url: str, store_id: UUID) -> float:
    """What an analyst would write, into a table of its own."""
    _empty_table(owner_url)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        began = perf_counter()
        connection.execute(_NTILE, [store_id])
        return perf_counter() - began


def _alone(owner_url: str, store_id: UUID, now: datetime) -> float:
    """The part of the walk that does what the plain way does: the store is measured, everybody who
    has bought is graded, and named by the rule over all 125 codes. Who is known already is written
    where their grades are others now."""
    if now == NOON:
        _empty_table(owner_url)
    engine = create_engine(db.driver_url(owner_url))
    with Session(engine) as session:
        store = session.get_one(Store, store_id)
        began = perf_counter()
        by = bounds_of(measuring.measure(session, store, now), StoreSettings())
        session.execute(_GRADED, {"store": store_id, **grades.asked(by, now)})
        session.commit()
        took = perf_counter() - began
    engine.dispose()
    return took


def _empty_table(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS plain_rfm")
        connection.execute(_TABLE)


def _graded() -> Insert:
    people = grades.named(lambda customer: [Customer.orders_count > 0])
    names = ("customer_id", "recency", "frequency", "money", "rfm_group")
    graded = [people.c[name] for name in names]
    columns = ("customer_id", "r", "f", "m", "name")
    kept = table("plain_rfm", *map(column, columns))
    differs = [was.is_distinct_from(now) for was, now in zip(kept.c, graded, strict=True)]
    rows = (
        select(*graded)
        .outerjoin(kept, kept.c.customer_id == people.c.customer_id)
        .where(or_(*differs))
    )
    written = insert(kept).from_select(columns, rows)
    new = {name: written.excluded[name] for name in columns}
    return written.on_conflict_do_update(index_elements=["customer_id"], set_=new)


_GRADED = _graded()


def _first(owner_url: str, store_id: UUID) -> float:
    """Measured and written for everybody, of whom nothing was known."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("TRUNCATE standings, standing_changes, store_measures")
    return _walk(store_id, NOON)


def _walk(store_id: UUID, now: datetime) -> float:
    """Until everybody has been looked at, as the worker does it: a transaction for each part."""
    began, goes_on = perf_counter(), True
    while goes_on:
        with store_transaction(store_id) as session:
            goes_on = customers.walk(session, session.get_one(Store, store_id), now)
    return perf_counter() - began
