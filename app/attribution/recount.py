"""Counting all credit of a store again from its rows; the answer must be the one that stands."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.attribution.batch import has_credit, touched
from app.attribution.credit import credit_order
from app.models import Order, Store
from app.tenancy import store_of

_BATCH = 500


def recount(session: Session) -> int:
    """Recount every order that has credit or could have; how many have credit now."""
    store = session.scalars(select(Store).where(Store.store_id == store_of(session))).one()
    credited = 0
    last = ""
    while True:
        order_keys = session.scalars(
            select(Order.order_key)
            .where(Order.store_id == store.store_id, Order.order_key > last, _may_owe())
            .order_by(Order.order_key)
            .limit(_BATCH)
        ).all()
        for order_key in order_keys:
            credited += credit_order(session, store, order_key, clock.now()) is not None
        if len(order_keys) < _BATCH:
            return credited
        last = order_keys[-1]


def _may_owe() -> ColumnElement[bool]:
    return or_(touched(), has_credit(), Order.discount_codes != [])
