"""What is bought with what and how often: found anew for a whole store, and asked for a few."""

from time import perf_counter
from uuid import UUID

import psycopg
from sqlalchemy import select

from app import clock, customers, messages
from app.customers.habits import ask_for_habits
from app.inbox.habits import keep_habits
from app.models import Customer
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON, Ground, new_store, workers
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.refresh import peak

WAYS = (
    ("everything found anew", "ms"),
    ("memory of the worker at most", "MiB"),
    ("for twenty people", "ms"),
)
_MOST_PRODUCTS, _LEAST_PRODUCTS = 20_000, 500
_PRODUCTS = """
    INSERT INTO products (store_id, product_key, title, price_minor, currency, available,
        categories, source_updated_at, version)
    SELECT %(store)s, 'p' || n, 'Product ' || n, 900 + n %% 5000, 'EUR', n %% 10 <> 0,
        jsonb_build_array('Kind ' || n %% 40), %(noon)s, 'v'
    FROM generate_series(0, %(products)s - 1) AS n
"""
# Near products are liked by the same customers; every fifth order holds a second of them.
_LINES = """
    INSERT INTO order_lines (store_id, order_key, line_key, product_key, title, quantity,
        total_minor)
    SELECT store_id, order_key, 'k' || k, 'p' || (abs(hashtext(customer_id::text)) %% %(products)s
        + abs(hashtext(order_key)) %% 7 + k * 3) %% %(products)s, 'Tea', 1, 1000
    FROM orders, generate_series(1, 2) AS k
    WHERE store_id = %(store)s AND (k = 1 OR hashtext(order_key) %% 5 = 0)
"""


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Each size in a store and a worker of its own, so that memory is its own too."""
    figures = []
    for count in sizes.people:
        store_id = new_store(here.config, presets=False)
        populate(here.owner_url, store_id, count)
        _stock(here.owner_url, store_id, count)
        ways = [Figure(f"recommend: {name}, {count:,} customers", unit) for name, unit in WAYS]
        with workers(here.config, 1) as pool:
            for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds_at(count)):
                took = pool.submit(look, store_id).result()
                if number >= 0:  # The first is for warming up.
                    for figure, value in zip(ways, took, strict=True):
                        figure.rounds.append(value)
        figures += ways
    return figures


def look(store_id: UUID) -> tuple[float, float, float]:
    """A night, and then a group of messages. Stops the run where nothing is recommended."""
    with store_transaction(store_id) as session:
        ask_for_habits(session, clock.now())
    began = perf_counter()
    keep_habits(store_id)
    night = perf_counter() - began
    with store_transaction(store_id) as session:
        buyers = select(Customer.customer_id).where(Customer.orders_count > 0).limit(20)
        ids = list(session.scalars(buyers))
        people = list(customers.load_snapshots(session, ids, clock.now()).values())
        began = perf_counter()
        picked = messages.recommend(session, people)
        group = perf_counter() - began
    if not all(each.discover for each in picked.values()):
        raise RuntimeError("Somebody who has bought is recommended nothing.")
    return night * 1000, peak("self", "VmHWM"), group * 1000


def _stock(owner_url: str, store_id: UUID, count: int) -> None:
    products = max(_LEAST_PRODUCTS, min(_MOST_PRODUCTS, count // 10))
    given = {"store": store_id, "noon": NOON, "products": products}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (_PRODUCTS, _LINES):
            connection.execute(statement, given)
        connection.execute("ANALYZE products, order_lines")
