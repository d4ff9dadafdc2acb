"""What snapshots are read from: a statement for each part, about `store` and `people`."""

from typing import Any

from sqlalchemy import Select, bindparam, distinct, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.customers import cart_life
from app.customers.snapshot import REMEMBERED_ORDERS
from app.models import (
    Cart,
    CartKey,
    Credential,
    Customer,
    LoggedFact,
    Order,
    OrderLine,
    Prediction,
    Product,
    Segment,
    ShopMember,
    Standing,
    Task,
)
from app.models.rows import STORE, one_of, table_of

AS_IT_IS = (
    *("customer_id", "platform_key", "email", "phone", "first_name", "last_name"),
    *("country", "region", "orders_count", "spent_minor", "first_order_at", "last_order_at"),
    *("last_active_at", "first_seen_at", "score", "score_at", "suppressed"),
)
"""What a snapshot holds of a customer's row as it stands there: the first columns of `PEOPLE`."""

STANDS = (
    *("recency", "frequency", "money", "rfm_group", "inactivity", "stage"),
    *("lead_score", "lead_tier", "signals", "risk_level"),
)
"""What it holds of their standing: the columns after those."""

PREDICTED = ("will_buy", "expected_orders", "expected_value_minor", "cluster")
"""What it holds of what is predicted of them: the columns after those."""

FEATURE = table_of(LoggedFact).c.fact["values"]["feature"].astext
"""What a `feature_used` says was used."""

_MADE_OF = ("locale", "tags", "erased_at")
_ORDER = (
    *("customer_id", "order_key", "number", "placed_at", "status", "currency"),
    *("total_minor", "refunded_minor", "cart_keys", "discount_codes"),
)

PEOPLE = (
    select(
        *(table_of(Customer).c[name] for name in AS_IT_IS),
        *(table_of(Standing).c[name] for name in STANDS),
        *(table_of(Prediction).c[name] for name in PREDICTED),
        *(table_of(Customer).c[name] for name in _MADE_OF),
    )
    .outerjoin(
        Standing,
        (Standing.store_id == Customer.store_id) & (Standing.customer_id == Customer.customer_id),
    )
    .outerjoin(
        Prediction,
        (Prediction.store_id == Customer.store_id)
        & (Prediction.customer_id == Customer.customer_id),
    )
    .where(Customer.store_id == STORE, one_of(Customer.customer_id, "people"))
)
CONNECTED = select(Credential.channels).where(
    Credential.store_id == STORE, Credential.broken_since.is_(None)
)
SEGMENTS = select(Segment.slug, Segment.written).where(
    Segment.store_id == STORE, Segment.archived_at.is_(None)
)
SHOP_SEGMENTS = select(ShopMember.customer_id, ShopMember.segment_key).where(
    ShopMember.store_id == STORE, one_of(ShopMember.customer_id, "people")
)
CATEGORIES = select(Product.product_key, Product.categories).where(
    Product.store_id == STORE,
    one_of(Product.product_key, "products"),
    func.jsonb_array_length(Product.categories) > 0,
)
HELD = select(Task.customer_id).where(
    Task.store_id == STORE,
    one_of(Task.customer_id, "people"),
    Task.holds_promotions,
    Task.closed_at.is_(None),
)


def _carts() -> Select[Any]:
    keys = (
        select(func.array_agg(aggregate_order_by(CartKey.cart_key, CartKey.cart_key)))
        .where(CartKey.store_id == Cart.store_id, CartKey.cart_id == Cart.cart_id)
        .scalar_subquery()
    )
    return (
        select(*table_of(Cart).columns, keys.label("keys"))
        .where(
            Cart.store_id == STORE,
            one_of(Cart.customer_id, "people"),
            Cart.status.in_(cart_life.OPEN),
        )
        .order_by(Cart.changed_at.desc(), Cart.cart_id.desc())
    )


def _orders() -> Select[Any]:
    latest = (
        select(*(table_of(Order).c[name] for name in _ORDER))
        .where(
            Order.store_id == STORE,
            Order.customer_id == Customer.customer_id,
            Order.counts,
            Order.deleted_at.is_(None),
        )
        .order_by(Order.placed_at.desc(), Order.order_key.desc())
        .limit(REMEMBERED_ORDERS)
        .lateral()
    )
    products = func.array_agg(aggregate_order_by(OrderLine.product_key, OrderLine.line_key))
    titles = func.array_agg(aggregate_order_by(OrderLine.title, OrderLine.line_key))
    line = (
        select(products.label("products"), titles.label("titles"))
        .where(OrderLine.store_id == STORE, OrderLine.order_key == latest.c.order_key)
        .lateral()
    )
    return (
        select(latest, line.c.products, line.c.titles)
        .select_from(Customer)
        .join(latest, true())
        .join(line, true())
        .where(Customer.store_id == STORE, one_of(Customer.customer_id, "people"))
        .order_by(latest.c.placed_at.desc(), latest.c.order_key.desc())
    )


def _events() -> Select[Any]:
    name = LoggedFact.fact["name"].astext
    moments = func.array_agg(aggregate_order_by(LoggedFact.occurred_at, LoggedFact.occurred_at))
    lately = LoggedFact.occurred_at > bindparam("used_since")
    features = func.array_agg(distinct(FEATURE)).filter(
        name == "feature_used", lately, FEATURE.is_not(None)
    )
    return (
        select(
            LoggedFact.customer_id,
            name.label("name"),
            moments.label("moments"),
            features.label("features"),
        )
        .where(
            LoggedFact.store_id == STORE,
            one_of(LoggedFact.customer_id, "people"),
            LoggedFact.kind == "customer_acted",
            LoggedFact.occurred_at > bindparam("since"),
        )
        .group_by(LoggedFact.customer_id, name)
    )


CARTS, ORDERS, EVENTS = _carts(), _orders(), _events()
"""Open carts and orders with the newest first; the moments of each kind of act after `since`, with
the features that were used after `used_since`."""
