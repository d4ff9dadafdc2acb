"""Crediting the orders of a whole batch. Most orders owe nothing to any message, and two statements
tell which, whatever their number; only the others are counted one by one."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.attribution.credit import credit_order
from app.models import Credit, Offer, Order, Store, Touch
from app.models.rows import STORE, listed, one_of


def touched() -> ColumnElement[bool]:
    """Whether the buyer of an order has ever answered a message."""
    return (
        select(Touch.touch_id)
        .where(Touch.store_id == Order.store_id, Touch.customer_id == Order.customer_id)
        .exists()
    )


def has_credit() -> ColumnElement[bool]:
    return (
        select(Credit.order_key)
        .where(Credit.store_id == Order.store_id, Credit.order_key == Order.order_key)
        .exists()
    )


_ORDERS = (
    select(Order.order_key, Order.discount_codes, or_(touched(), has_credit()))
    .where(Order.store_id == STORE, one_of(Order.order_key, "keys"))
    .order_by(Order.order_key)
)
_OURS = select(Offer.code).where(Offer.store_id == STORE, one_of(Offer.code, "codes"))


def credit_orders(
    session: Session, store: Store, order_keys: Collection[str], now: datetime
) -> None:
    """Recount these orders, as `credit_order` does one."""
    asked = {"store": store.store_id, "keys": listed(order_keys)}
    rows = session.execute(_ORDERS, asked).all()
    ours = _ours(session, store, {code for _, codes, _ in rows for code in _plain(codes)})
    for order_key, codes, is_known in rows:
        if is_known or not ours.isdisjoint(_plain(codes)):
            credit_order(session, store, order_key, now)


def _plain(codes: Iterable[str]) -> set[str]:
    return {code.strip().upper() for code in codes}


def _ours(session: Session, store: Store, codes: Collection[str]) -> set[str]:
    """Those of these codes that we have made."""
    if not codes:
        return set()
    return set(session.scalars(_OURS, {"store": store.store_id, "codes": listed(codes)}))
