"""Which orders may end which carts, beyond the tokens they share: those of the cart's owner.

For an owner who is known by a telephone number alone, the orders of whoever owns the number count
as well (`identity`): to be reminded of a cart after having bought is worse than not to be.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased

from app.customers.batch import Batch
from app.customers.cart_life import Bought
from app.models import Cart, Customer, Identity, Order
from app.models.rows import STORE, Row, given, one_of, packed, table_of

_CARTS = table_of(Cart)
_ASKED = ("cart_id", "customer_id", "source_updated_at")


def _owners_by_number(owned: ColumnElement[bool]) -> Select[UUID, UUID]:
    """People without a key or an e-mail, beside those who own the number they left."""
    named = aliased(Identity)
    return (
        select(Customer.customer_id, Identity.customer_id.label("owner_id"))
        .join(
            Identity,
            (Identity.store_id == Customer.store_id)
            & (Identity.kind == "phone")
            & (Identity.value == Customer.phone),
        )
        .where(
            Customer.store_id == STORE,
            owned,
            ~exists().where(
                named.store_id == Customer.store_id,
                named.customer_id == Customer.customer_id,
                named.kind != "phone",
            ),
        )
    )


def _carts_in_regard() -> Select[Any]:
    nameless = _owners_by_number(one_of(Identity.customer_id, "ids")).subquery()
    return select(_CARTS).where(
        _CARTS.c.store_id == STORE,
        or_(
            one_of(_CARTS.c.customer_id, "ids"),
            _CARTS.c.customer_id.in_(select(nameless.c.customer_id)),
        ),
        or_(_CARTS.c.ended_by.is_(None), _CARTS.c.ended_by.in_(["person", "emptied"])),
    )


IN_REGARD = _carts_in_regard()
"""The carts that an order of the customers in regard could end, or has ended."""


def _bought_after() -> Select[Any]:
    cart = given(_CARTS, _ASKED)
    owned = _owners_by_number(Customer.customer_id == cart.c.customer_id)
    owners = owned.with_only_columns(Identity.customer_id).correlate(cart).scalar_subquery()
    first = (
        select(Order.order_key, Order.placed_at)
        .where(
            Order.store_id == STORE,
            or_(Order.customer_id == cart.c.customer_id, Order.customer_id == owners),
            Order.bought,
            Order.placed_at >= cart.c.source_updated_at,
        )
        .order_by(Order.placed_at, Order.order_key)
        .limit(1)
        .lateral()
    )
    return (
        select(cart.c.cart_id, first.c.placed_at, first.c.order_key)
        .select_from(cart)
        .join(first, first.c.placed_at.is_not(None))
    )


_BOUGHT_AFTER = _bought_after()


def bought_after(batch: Batch, rows: Sequence[Row]) -> dict[UUID, Bought]:
    """For each of these carts the first order paid by its owner after the cart's last change."""
    asked = [row for row in rows if row["customer_id"] is not None]
    if not asked:
        return {}
    carts = packed([{name: row[name] for name in _ASKED} for row in asked])
    found = batch.session.execute(_BOUGHT_AFTER, {"store": batch.store_id, **carts})
    return {cart_id: Bought(placed_at, key) for cart_id, placed_at, key in found}
