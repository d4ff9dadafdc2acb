"""A store with a past, made by the database itself: four orders for each customer, and more."""

from uuid import UUID

import psycopg

from tests.benchmarks.ground import NOON

ID = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_PLACED = "(%(noon)s::timestamptz - make_interval(days => (n %% 700 * 79 + k * 149) %% 700))"

# One customer in five has never bought, the others have bought five times.
_ORDERS = f"""
    INSERT INTO orders (store_id, order_key, number, customer_id, status, counts, currency,
        total_minor, refunded_minor, discount_codes, cart_keys, utm, placed_at, source_updated_at,
        bought, version, person_version)
    SELECT %(store)s, n || '-' || k, '#' || n || '-' || k, {ID}, 'paid', true, 'EUR',
        1000 + (n %% 9000 + k * 17) %% 9000, 0, '[]', '[]', '{{}}', {_PLACED}, {_PLACED}, true, 'v',
        'v'
    FROM generate_series(1, %(count)s) AS n, generate_series(1, 5) AS k WHERE n %% 5 <> 0
"""
_LINES = """
    INSERT INTO order_lines (store_id, order_key, line_key, product_key, variant_key, title,
        quantity, total_minor)
    SELECT store_id, order_key, '1', 'p' || abs(hashtext(order_key)) %% 500, NULL, 'Tea', 1,
        total_minor
    FROM orders WHERE store_id = %(store)s AND order_key LIKE '%%-1'
"""
_CUSTOMERS = f"""
    INSERT INTO customers (store_id, customer_id, platform_key, email, locale, country, tags,
        orders_count, spent_minor, first_order_at, last_order_at, last_active_at, first_seen_at,
        clocks, suppressed)
    SELECT %(store)s, {ID}, n::text, 'crowd' || n || '@bench.example', 'it', 'IT', '[]',
        coalesce(o.orders, 0), coalesce(o.spent, 0), o.first, o.last,
        coalesce(o.last, %(noon)s::timestamptz - make_interval(days => n %% 60)),
        %(noon)s::timestamptz - interval '701 days', '{{}}', '{{}}'
    FROM generate_series(1, %(count)s) AS n LEFT JOIN (
        SELECT customer_id, count(*) AS orders, sum(total_minor) AS spent,
            min(placed_at) AS first, max(placed_at) AS last
        FROM orders WHERE store_id = %(store)s GROUP BY customer_id
    ) o ON o.customer_id = {ID}
"""
_CONSENTS = f"""
    INSERT INTO consent_ledger (store_id, consent_id, entry_key, customer_id, channel, scope, state,
        source, evidence, occurred_at, recorded_at)
    SELECT %(store)s, uuidv7(), 'crowd-' || n, {ID}, 'email', 'channel',
        CASE WHEN n %% 10 = 0 THEN 'unsubscribed' ELSE 'subscribed' END, 'form', '{{}}',
        %(noon)s::timestamptz - interval '400 days', %(noon)s
    FROM generate_series(1, %(count)s) AS n WHERE n %% 10 < 7
"""
_CARTS = f"""
    INSERT INTO carts (store_id, cart_id, customer_id, status, currency, total_minor, lines,
        started_at, changed_at, source_updated_at, version, clocks)
    SELECT %(store)s, uuidv7(), {ID}, 'active', 'EUR', 2500, '[{{"line_key": "1"}}]', at, at, at,
        'v', '{{}}'
    FROM generate_series(1, %(count)s, 10) AS n,
        LATERAL (SELECT %(noon)s::timestamptz - make_interval(mins => 1 + n %% 20)) AS t(at)
"""
_ACTS = f"""
    INSERT INTO event_log (store_id, event_id, fact_key, kind, source, customer_id, occurred_at,
        recorded_at, fact)
    SELECT %(store)s, uuidv7(), 'crowd-' || n || '-' || k, 'customer_acted', 'crowd', {ID},
        %(noon)s::timestamptz - make_interval(days => (n * 7 + k * 31) %% 500), %(noon)s,
        jsonb_build_object('kind', 'customer_acted', 'event_key', 'k',
            'values', '{{}}'::jsonb, 'name',
            CASE WHEN (n + k) %% 2 = 0 THEN 'link_clicked' ELSE 'page_viewed' END)
    FROM generate_series(1, %(count)s, 2) AS n, generate_series(1, 3) AS k
"""
_TABLES = "orders, order_lines, customers, consent_ledger, carts, event_log"


def populate(owner_url: str, store_id: UUID, count: int, *, analyse: bool = True) -> None:
    """Rows that fit together, without asking each whether it does; `analyse` lets PostgreSQL notice
    how many they are."""
    given = {"store": store_id, "count": count, "noon": NOON}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (_ORDERS, _LINES, _CUSTOMERS, _CONSENTS, _CARTS, _ACTS):
            connection.execute(statement, given)
        if analyse:
            connection.execute(f"ANALYZE {_TABLES}")
