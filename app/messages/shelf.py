"""The products that may be recommended to a group of people, read in three statements however many
they are, at the moment they are asked for: what has sold out since last night is not among them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from app.messages.products import ProductShown
from app.models import Product, ProductMeasure
from app.models.rows import STORE, listed, one_of
from app.science.recommending import Known
from app.tenancy import store_of

_MANY = 30
"""Best sellers of each category: enough for somebody who has most of them."""
_MEASURED = (ProductMeasure.store_id == Product.store_id) & (
    ProductMeasure.product_key == Product.product_key
)
_BUYABLE = and_(
    Product.store_id == STORE,
    Product.available,
    Product.deleted_at.is_(None),
    Product.price_minor > 0,
    Product.currency == bindparam("currency", type_=Text),
)
_HAD = (
    select(
        *(Product.product_key, Product.title, Product.price_minor, Product.currency),
        *(ProductMeasure.category, ProductMeasure.others, ProductMeasure.nearness),
        *(ProductMeasure.gap_days, ProductMeasure.again),
    )
    .outerjoin(ProductMeasure, _MEASURED)
    .where(Product.store_id == STORE, one_of(Product.product_key, "products"))
)
_GOODS = (
    select(
        *(Product.product_key, Product.title, Product.url, Product.image_url),
        *(Product.price_minor, Product.currency, ProductMeasure.sold),
    )
    .outerjoin(ProductMeasure, _MEASURED)
    .where(_BUYABLE, one_of(Product.product_key, "products"))
)


def _best_of(*meant: ColumnElement[bool]) -> Select[str, int]:
    return (
        select(ProductMeasure.product_key, ProductMeasure.sold)
        .join(Product, _MEASURED)
        .where(ProductMeasure.store_id == STORE, _BUYABLE, ProductMeasure.sold > 0, *meant)
        .order_by(ProductMeasure.sold.desc(), ProductMeasure.product_key)
        .limit(_MANY)
    )


def _best() -> CompoundSelect[str, str, int]:
    """Of each of these categories, and of the store as a whole, under no name."""
    asked = cast(bindparam("categories", type_=NullType()), ARRAY(Text))
    each = func.unnest(asked).table_valued(column("name", Text), name="category")
    own = _best_of(ProductMeasure.category == each.c.name).lateral("own")
    whole = _best_of().subquery("whole")
    of_category = select(each.c.name, own.c.product_key, own.c.sold).join_from(each, own, true())
    return union_all(of_category, select(literal(""), whole.c.product_key, whole.c.sold))


_BEST = _best()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A product somebody has, at today's price in the store's currency, if it has one."""

    title: str
    price_minor: int | None
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a group of people has bought, and what may be recommended to them. `best`: the best
    sellers of each category, and under "" those of the store; `popular`: of each product, the share
    of what the best seller has sold."""

    bought: Mapping[str, Bought]
    known: Mapping[str, Known]
    best: Mapping[str, Sequence[str]]
    goods: Mapping[str, ProductShown]
    popular: Mapping[str, float]


def read_shelf(
    session: Session, currency: str, products: Collection[str], latest: Collection[str]
) -> Shelf:
    """For people who have bought `products`, and among them `latest` in their last orders."""
    asked = {"store": store_of(session), "currency": currency}
    had = session.execute(_HAD, {**asked, "products": listed(products)}).all()
    categories = {row.category for row in had if row.product_key in latest and row.category}
    best: defaultdict[str, list[str]] = defaultdict(list)
    for name, key, _ in session.execute(_BEST, {**asked, "categories": listed(categories)}):
        best[name].append(key)
    keys = {*products, *(key for row in had for key in row.others or ())}
    keys.update(key for sold in best.values() for key in sold)
    rows = session.execute(_GOODS, {**asked, "products": listed(keys)}).all()
    most = max((row.sold or 0 for row in rows), default=0) or 1
    return Shelf(
        bought={row.product_key: _bought(row, currency) for row in had},
        known={row.product_key: _known(row) for row in had},
        best=best,
        goods={row.product_key: _shown(row) for row in rows},
        popular={row.product_key: (row.sold or 0) / most for row in rows},
    )


def _bought(row: Any, currency: str) -> Bought:
    price = row.price_minor if row.currency == currency else None
    return Bought(title=row.title, price_minor=price, category=row.category or "")


def _known(row: Any) -> Known:
    near = dict(zip(row.others or (), row.nearness or (), strict=True))
    return Known(near, row.gap_days, row.again or 0.0)


def _shown(row: Any) -> ProductShown:
    return ProductShown(
        title=row.title,
        url=row.url,
        image_url=row.image_url,
        price_minor=row.price_minor,
        currency=row.currency,
    )
