"""The state of one store as plain values in which our own ids do not appear."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.customers import consent_now
from app.models import (
    Cart,
    CartKey,
    ConsentEntry,
    Customer,
    Identity,
    LoggedFact,
    Order,
    OrderLine,
    Product,
    Refund,
)
from app.models.base import Base

_OURS = {
    "store_id",
    "customer_id",
    "cart_id",
    "consent_id",
    "recorded_at",
    "event_id",
    "suppressed",
}


def project(session: Session) -> dict[str, Any]:
    """Everything that follows from the facts, with people and carts named by what they are."""
    carts = _carts(session)
    people = people_of(session)
    return {
        "people": sorted(
            (_row(row) | {"is": people[row.customer_id]} for row in _all(session, Customer)),
            key=repr,
        ),
        "names": sorted(
            (i.kind, i.value, i.claim, people[i.customer_id]) for i in _all(session, Identity)
        ),
        "orders": {
            o.order_key: _row(o) | {"of": _who(people, o.customer_id)} for o in _all(session, Order)
        },
        "lines": {(x.order_key, x.line_key): _row(x) for x in _all(session, OrderLine)},
        "refunds": {(r.order_key, r.refund_key): _row(r) for r in _all(session, Refund)},
        "carts": sorted(
            (
                _row(c) | {"is": carts[c.cart_id], "of": _who(people, c.customer_id)}
                for c in _all(session, Cart)
            ),
            key=repr,
        ),
        "choices": {
            e.entry_key: _row(e) | {"of": people[e.customer_id]}
            for e in _all(session, ConsentEntry)
        },
        "consent": _consent(session, people),
        "products": {p.product_key: _row(p) for p in _all(session, Product)},
        "log": sorted(row.fact_key for row in _all(session, LoggedFact)),
    }


def _all(session: Session, model: type[Base]) -> list[Any]:
    return list(session.scalars(select(model), execution_options={"populate_existing": True}))


def _row(row: Any) -> dict[str, Any]:
    return {c.name: getattr(row, c.name) for c in row.__table__.columns if c.name not in _OURS}


def _carts(session: Session) -> dict[UUID, tuple[str, ...]]:
    tokens: defaultdict[UUID, list[str]] = defaultdict(list)
    for key in _all(session, CartKey):
        tokens[key.cart_id].append(key.cart_key)
    return {cart_id: tuple(sorted(found)) for cart_id, found in tokens.items()}


def people_of(session: Session) -> dict[UUID, tuple[str, ...]]:
    """Each person by all that they are known by."""
    carts = _carts(session)
    names: defaultdict[UUID, list[str]] = defaultdict(list)
    for name in _all(session, Identity):
        names[name.customer_id].append(f"{name.kind}:{name.value}")
    for cart in _all(session, Cart):
        if cart.customer_id is not None:
            names[cart.customer_id] += [f"cart:{token}" for token in carts[cart.cart_id]]
    for row in _all(session, Customer):
        names[row.customer_id] += []
    return {customer_id: tuple(sorted(found)) for customer_id, found in names.items()}


def _who(people: dict[UUID, tuple[str, ...]], customer_id: UUID | None) -> tuple[str, ...] | None:
    return None if customer_id is None else people[customer_id]


def _consent(session: Session, people: dict[UUID, tuple[str, ...]]) -> dict[Any, Any]:
    now = consent_now(session, list(people))
    return {
        (people[customer_id], channel): (held.state, held.since)
        for customer_id, channels in now.items()
        for channel, held in channels.items()
    }
