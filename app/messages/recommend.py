"""What goes with what a person has bought: products that others bought together with it.

Reads the orders as they are; must never recommend what the person has, or what cannot be bought.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.customers.snapshot import Snapshot
from app.messages.context import ProductShown
from app.models import OrderLine, Product
from app.tenancy import store_of

MOST = 3
_LATEST_ORDERS = 3


def recommended(session: Session, person: Snapshot) -> list[ProductShown]:
    """Up to three products, most often bought together first; none when nothing is known."""
    store_id = store_of(session)
    bought = {key for order in person.orders for key in order.product_keys}
    recent = {key for order in person.orders[:_LATEST_ORDERS] for key in order.product_keys}
    if not recent:
        return []
    theirs, beside = aliased(OrderLine), aliased(OrderLine)
    together = func.count(beside.order_key.distinct())
    products = session.scalars(
        select(Product)
        .join(
            beside,
            (beside.store_id == Product.store_id) & (beside.product_key == Product.product_key),
        )
        .join(
            theirs,
            (theirs.store_id == beside.store_id) & (theirs.order_key == beside.order_key),
        )
        .where(
            Product.store_id == store_id,
            Product.available,
            Product.deleted_at.is_(None),
            Product.product_key.not_in(bought),
            theirs.product_key.in_(recent),
        )
        .group_by(Product.store_id, Product.product_key)
        .order_by(together.desc(), Product.product_key)
        .limit(MOST)
    )
    return [_shown(product) for product in products]


def _shown(product: Product) -> ProductShown:
    return ProductShown(
        title=product.title,
        url=product.url,
        image_url=product.image_url,
        price_minor=product.price_minor,
        currency=product.currency,
    )
