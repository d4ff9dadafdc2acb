"""What goes with what a person has bought: products that others bought together with it, and the
store's best sellers where that says too little.

Reads the orders as they are; must never recommend what the person has, or what cannot be bought.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.customers.snapshot import Snapshot
from app.messages.context import ProductShown
from app.models import Order, OrderLine, Product
from app.tenancy import store_of

MOST = 3
_LATEST_ORDERS = 3
_SELLING = timedelta(days=90)


def recommended(session: Session, person: Snapshot) -> list[ProductShown]:
    """Up to three products the person has not bought, what goes with their last orders first."""
    bought = {key for order in person.orders for key in order.product_keys}
    recent = {key for order in person.orders[:_LATEST_ORDERS] for key in order.product_keys}
    found = _bought_together(session, recent, bought) if recent else []
    if len(found) < MOST:
        known = bought | {product.product_key for product in found}
        found += _best_sellers(session, known, MOST - len(found), person.taken_at)
    return [_shown(product) for product in found]


def _bought_together(session: Session, recent: set[str], bought: set[str]) -> list[Product]:
    theirs, beside = aliased(OrderLine), aliased(OrderLine)
    statement = _buyable(session, beside, bought).join(
        theirs, (theirs.store_id == beside.store_id) & (theirs.order_key == beside.order_key)
    )
    together = func.count(beside.order_key.distinct())
    return list(
        session.scalars(
            statement.where(theirs.product_key.in_(recent))
            .order_by(together.desc(), Product.product_key)
            .limit(MOST)
        )
    )


def _best_sellers(session: Session, known: set[str], most: int, now: datetime) -> list[Product]:
    """What most orders of the last months held; a product nobody bought is no recommendation."""
    line = aliased(OrderLine)
    statement = _buyable(session, line, known).join(
        Order, (Order.store_id == line.store_id) & (Order.order_key == line.order_key)
    )
    return list(
        session.scalars(
            statement.where(Order.counts, Order.placed_at > now - _SELLING)
            .order_by(func.count(line.order_key.distinct()).desc(), Product.product_key)
            .limit(most)
        )
    )


def _buyable(session: Session, line: type[OrderLine], known: set[str]) -> Select[Product]:
    """Products on sale that are not `known`, joined to the lines that hold them."""
    return (
        select(Product)
        .join(line, (line.store_id == Product.store_id) & (line.product_key == Product.product_key))
        .where(
            Product.store_id == store_of(session),
            Product.available,
            Product.deleted_at.is_(None),
            Product.product_key.not_in(known),
        )
        .group_by(Product.store_id, Product.product_key)
    )


def _shown(product: Product) -> ProductShown:
    return ProductShown(
        title=product.title,
        url=product.url,
        image_url=product.image_url,
        price_minor=product.price_minor,
        currency=product.currency,
    )
