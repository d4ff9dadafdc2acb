"""Where everybody of a store stands: the first walk, a day later, and plain SQL beside them."""

from datetime import datetime
from time import perf_counter
from uuid import UUID

import psycopg

from app import customers
from app.customers.everybody import EVERY
from app.models import Store
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON, Ground, new_store
from tests.benchmarks.measure import Figure, Sizes

PLAIN = "the plain way, ntile over all orders"
FIRST = "the first walk through everybody"
DAILY = "a walk a day later"
_TABLE = "CREATE TABLE plain_rfm (customer_id uuid PRIMARY KEY, r int, f int, m int)"
_NTILE = """
    INSERT INTO plain_rfm
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
        ways = [Figure(_named(way, count), "ms") for way in (PLAIN, FIRST, DAILY)]
        for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds):
            took = (
                _plain(here.owner_url, store_id),
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
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS plain_rfm")
        connection.execute(_TABLE)
        began = perf_counter()
        connection.execute(_NTILE, [store_id])
        return perf_counter() - began


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
