"""Snapshots of many people at once, in a fixed number of statements, however many they are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.customers import cart_life
from app.customers.consent import consent_now
from app.customers.snapshot import REMEMBERED_ORDERS, CartNow, OrderNow, Snapshot
from app.models import (
    Cart,
    CartKey,
    Credential,
    Customer,
    LoggedFact,
    Order,
    OrderLine,
    Store,
    Task,
)
from app.models.rows import among, table_of
from app.stores.settings import read_settings
from app.tenancy import store_of

REMEMBERED_TIME = timedelta(days=365)
_AS_IT_IS = (
    *("customer_id", "platform_key", "email", "phone", "first_name", "last_name"),
    *("country", "region", "orders_count", "spent_minor", "first_order_at", "last_order_at"),
    *("last_active_at", "first_seen_at", "score", "score_at", "suppressed"),
)
_MADE_OF = ("locale", "tags", "erased_at")
_PERSON = [table_of(Customer).c[name] for name in (*_AS_IT_IS, *_MADE_OF)]
_ORDER = [
    table_of(Order).c[name]
    for name in (
        *("customer_id", "order_key", "number", "placed_at", "status", "currency"),
        *("total_minor", "refunded_minor", "cart_keys", "discount_codes"),
    )
]


def load_snapshots(
    session: Session, customer_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Snapshot]:
    """Everything decisions may know about these people; who does not exist is left out."""
    ids = list(dict.fromkeys(customer_ids))
    if not ids:
        return {}
    store_id = store_of(session)
    store = session.get_one(Store, store_id)
    rows = session.execute(
        select(*_PERSON).where(Customer.store_id == store_id, among(Customer.customer_id, ids))
    ).all()
    parts: dict[str, dict[UUID, Any]] = {
        "consent": consent_now(session, ids),
        "carts": _carts(session, store_id, ids),
        "orders": _orders(session, store_id, ids),
        "events": _events(session, store_id, (ids, now)),
    }
    held, connected = _held(session, store_id, ids), _connected(session, store_id)
    settings = read_settings(store.settings)
    templates = frozenset(settings.whatsapp_templates)
    return {
        row.customer_id: Snapshot(
            store_id=store_id,
            taken_at=now,
            currency=store.currency,
            locale=row.locale or store.locale,
            tags=tuple(row.tags),
            erased=row.erased_at is not None,
            holds_promotions=row.customer_id in held,
            low_score=settings.low_score,
            connected=connected,
            whatsapp_templates=templates,
            **dict(zip(_AS_IT_IS, row, strict=False)),
            **{name: found[row.customer_id] for name, found in parts.items()},
        )
        for row in rows
    }


def _connected(session: Session, store_id: UUID) -> frozenset[str]:
    working = select(Credential.channels).where(
        Credential.store_id == store_id, Credential.broken_since.is_(None)
    )
    return frozenset(name for channels in session.scalars(working) for name in channels)


def _carts(
    session: Session, store_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, tuple[CartNow, ...]]:
    keys = (
        select(func.array_agg(aggregate_order_by(CartKey.cart_key, CartKey.cart_key)))
        .where(CartKey.store_id == Cart.store_id, CartKey.cart_id == Cart.cart_id)
        .scalar_subquery()
    )
    found: defaultdict[UUID, list[CartNow]] = defaultdict(list)
    statement = (
        select(*Cart.__table__.columns, keys.label("keys"))
        .where(
            Cart.store_id == store_id,
            among(Cart.customer_id, ids),
            Cart.status.in_(cart_life.OPEN),
        )
        .order_by(Cart.changed_at.desc(), Cart.cart_id.desc())
    )
    for row in session.execute(statement):
        found[row.customer_id].append(_cart(row))
    return {customer_id: tuple(found[customer_id]) for customer_id in ids}


def _cart(row: Any) -> CartNow:
    return CartNow(
        cart_id=row.cart_id,
        status=row.status,
        currency=row.currency,
        total_minor=row.total_minor,
        lines=tuple(row.lines),
        recovery_url=row.recovery_url,
        started_at=row.started_at,
        changed_at=row.changed_at,
        abandoned_at=row.abandoned_at,
        keys=tuple(row.keys or ()),
    )


def _orders(
    session: Session, store_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, tuple[OrderNow, ...]]:
    latest = (
        select(*_ORDER)
        .where(
            Order.store_id == store_id,
            Order.customer_id == Customer.customer_id,
            Order.counts,
            Order.deleted_at.is_(None),
        )
        .order_by(Order.placed_at.desc(), Order.order_key.desc())
        .limit(REMEMBERED_ORDERS)
        .lateral()
    )
    line = (
        select(
            func.array_agg(aggregate_order_by(OrderLine.product_key, OrderLine.line_key)).label(
                "products"
            ),
            func.array_agg(aggregate_order_by(OrderLine.title, OrderLine.line_key)).label("titles"),
        )
        .where(OrderLine.store_id == store_id, OrderLine.order_key == latest.c.order_key)
        .lateral()
    )
    statement = (
        select(latest, line.c.products, line.c.titles)
        .select_from(Customer)
        .join(latest, true())
        .join(line, true())
        .where(Customer.store_id == store_id, among(Customer.customer_id, ids))
        .order_by(latest.c.placed_at.desc(), latest.c.order_key.desc())
    )
    found: defaultdict[UUID, list[OrderNow]] = defaultdict(list)
    for row in session.execute(statement):
        found[row.customer_id].append(_order(row))
    return {customer_id: tuple(found[customer_id]) for customer_id in ids}


def _order(row: Any) -> OrderNow:
    return OrderNow(
        order_key=row.order_key,
        number=row.number,
        placed_at=row.placed_at,
        status=row.status,
        currency=row.currency,
        total_minor=row.total_minor,
        refunded_minor=row.refunded_minor,
        cart_keys=tuple(row.cart_keys),
        discount_codes=tuple(row.discount_codes),
        product_keys=tuple(key for key in row.products or () if key is not None),
        titles=tuple(row.titles or ()),
    )


def _events(
    session: Session, store_id: UUID, asked: tuple[Sequence[UUID], datetime]
) -> dict[UUID, dict[str, tuple[datetime, ...]]]:
    ids, now = asked
    name = LoggedFact.fact["name"].astext
    moments = func.array_agg(aggregate_order_by(LoggedFact.occurred_at, LoggedFact.occurred_at))
    statement = (
        select(LoggedFact.customer_id, name.label("name"), moments.label("moments"))
        .where(
            LoggedFact.store_id == store_id,
            among(LoggedFact.customer_id, ids),
            LoggedFact.kind == "customer_acted",
            LoggedFact.occurred_at > now - REMEMBERED_TIME,
        )
        .group_by(LoggedFact.customer_id, name)
    )
    found: dict[UUID, dict[str, tuple[datetime, ...]]] = {customer_id: {} for customer_id in ids}
    for row in session.execute(statement):
        found[row.customer_id][row.name] = tuple(row.moments)
    return found


def _held(session: Session, store_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    return set(
        session.scalars(
            select(Task.customer_id).where(
                Task.store_id == store_id,
                among(Task.customer_id, ids),
                Task.holds_promotions,
                Task.closed_at.is_(None),
            )
        )
    )
