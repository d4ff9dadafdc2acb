"""Orders that name nobody: they belong to the owner of a cart whose token they carry.

Which of several owners must not depend on what arrived first, so it is the owner of the first token
by name. Rare: shops name the buyer, unless their data protection settings forbid it.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from app.customers.batch import Batch
from app.models import Cart, CartKey, Order
from app.models.rows import among, given, packed, table_of

_ORDERS = table_of(Order)


def give_owners(batch: Batch, cart_ids: Iterable[UUID]) -> None:
    """Look again whose the nameless orders of these carts are, and write it where it differs."""
    token, touched = aliased(CartKey), aliased(CartKey)
    owner = (
        select(Cart.customer_id)
        .join(token, (token.store_id == Cart.store_id) & (token.cart_id == Cart.cart_id))
        .where(
            Cart.store_id == Order.store_id,
            Cart.customer_id.is_not(None),
            token.cart_key.in_(
                select(func.jsonb_array_elements_text(Order.cart_keys)).correlate(Order)
            ),
        )
        .order_by(token.cart_key)
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )
    statement = select(Order.order_key, Order.customer_id, owner.label("owner_id")).where(
        Order.store_id == batch.store_id,
        Order.person_version == "",
        Order.cart_keys != cast([], JSONB),
        exists()
        .where(
            touched.store_id == Order.store_id,
            among(touched.cart_id, cart_ids),
            Order.cart_keys.op("?", is_comparison=True)(touched.cart_key),
        )
        .correlate(Order),
    )
    found = [row for row in batch.session.execute(statement) if row.customer_id != row.owner_id]
    if not found:
        return
    batch.regard |= {i for row in found for i in (row.customer_id, row.owner_id) if i is not None}
    for customer_id in batch.regard & batch.counted.keys():
        del batch.counted[customer_id]  # Orders that are not in this batch may be theirs now.
    batch.orders_of |= {row.order_key: row.owner_id for row in found}
    names = ("order_key", "customer_id")
    order = given(_ORDERS, names)
    batch.session.execute(
        update(_ORDERS)
        .where(_ORDERS.c.store_id == batch.store_id, _ORDERS.c.order_key == order.c.order_key)
        .values(customer_id=order.c.customer_id),
        packed([{"order_key": r.order_key, "customer_id": r.owner_id} for r in found]),
    )
