"""People inside a flow by the ten thousand, made by the database itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, select, text

from app.flows.load import definition_of
from app.models import CartKey, Flow, FlowVersion, Journey
from app.tenancy import store_transaction
from tests.benchmarks.ground import NOON

FLOW = "abandoned-cart"

_PEOPLE = """
    INSERT INTO customers (store_id, customer_id, email, locale, country, first_name, tags,
        orders_count, spent_minor, first_seen_at, last_active_at, clocks, suppressed)
    SELECT :store, uuidv7(), 'due' || :tag || '.' || n || '@bench.example', 'en', 'GB', 'Emma',
        '[]', 0, 0, :noon - interval '30 days', :noon - interval '1 hour', '{}', '{}'
    FROM generate_series(1, :count) AS n
"""
_CONSENTS = """
    INSERT INTO consent_ledger (store_id, consent_id, entry_key, customer_id, channel, scope, state,
        source, evidence, occurred_at, recorded_at)
    SELECT store_id, uuidv7(), 'bench-' || customer_id, customer_id, 'email', 'channel',
        'subscribed', 'form', '{}', :noon - interval '30 days', :noon - interval '30 days'
    FROM customers WHERE store_id = :store AND email LIKE 'due' || :tag || '.%'
"""
_CARTS = """
    INSERT INTO carts (store_id, cart_id, customer_id, status, currency, total_minor, lines,
        recovery_url, started_at, changed_at, abandoned_at, source_updated_at, version, clocks)
    SELECT store_id, uuidv7(), customer_id, 'abandoned', 'GBP', 2500,
        '[{"line_key": "1", "product_key": "p", "variant_key": "v", "title": "Tea",
           "quantity": 1, "total_minor": 2500}]',
        'https://northwind-botanics.myshopify.com/cart/recover', :noon - interval '2 hours',
        :noon - interval '1 hour', :noon, :noon, '', '{}'
    FROM customers WHERE store_id = :store AND email LIKE 'due' || :tag || '.%'
"""
_JOURNEYS = """
    INSERT INTO journeys (store_id, journey_id, flow_id, version, customer_id, entry_key, arm,
        status, step, step_since, due_at, context, entered_at)
    SELECT c.store_id, uuidv7(), :flow, :version, c.customer_id, 'bench' || :tag,
        CASE WHEN random() < 0.1 THEN 'holdout' ELSE 'treated' END, 'active', :step, :noon, :due,
        jsonb_build_object('event', 'cart_abandoned', 'cart_id', c.cart_id, 'cart_started_at',
            :noon - interval '2 hours', 'began_at', :noon),
        :noon
    FROM carts c JOIN customers p USING (store_id, customer_id)
    WHERE c.store_id = :store AND p.email LIKE 'due' || :tag || '.%'
"""
_KEYS = """
    INSERT INTO cart_keys (store_id, cart_key, cart_id)
    SELECT c.store_id, 'cart' || (:first + row_number() OVER ()), c.cart_id
    FROM carts c JOIN customers p USING (store_id, customer_id)
    WHERE c.store_id = :store AND p.email LIKE 'due' || :tag || '.%'
"""


def enter(
    store_id: UUID, count: int, tag: str, at: datetime = NOON, due: datetime | None = None
) -> None:
    """`count` people with an abandoned cart each, inside the preset, at its first step."""
    with store_transaction(store_id) as session:
        flow = session.scalars(
            select(Flow).where(Flow.store_id == store_id, Flow.slug == FLOW)
        ).one()
        source = session.get_one(FlowVersion, (store_id, flow.flow_id, flow.version)).source
        given = {
            "store": store_id,
            "tag": tag,
            "count": count,
            "noon": at,
            "due": due or at,
            "flow": flow.flow_id,
            "version": flow.version,
            "step": definition_of(source).first,
        }
        for statement in (_PEOPLE, _CONSENTS, _CARTS, _JOURNEYS):
            session.execute(text(statement), given)


def name_carts(store_id: UUID, tag: str, first: int) -> dict[UUID, str]:
    """Give the carts of these people the tokens that `orders.Orders` uses, from `first` + 1 on; the
    token of each journey."""
    with store_transaction(store_id) as session:
        session.execute(text(_KEYS), {"store": store_id, "tag": tag, "first": first})
        found = session.execute(
            select(Journey.journey_id, CartKey.cart_key)
            .join(
                CartKey,
                (CartKey.store_id == Journey.store_id)
                & (Journey.context["cart_id"].astext == cast(CartKey.cart_id, Text)),
            )
            .where(Journey.store_id == store_id, Journey.entry_key == f"bench{tag}")
        )
        return {row.journey_id: row.cart_key for row in found}
