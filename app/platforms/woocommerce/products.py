"""Products as a message shows them. Stock changes make these frequent; they carry nothing else."""

from datetime import datetime

from app.events import ProductSeen
from app.platforms import ShopFacts
from app.platforms.woocommerce.payload import (
    Body,
    address,
    moment,
    money,
    required,
    required_key,
    rows,
    text,
)

FIELDS = (
    "id,name,permalink,images,price,status,stock_status,purchasable,catalog_visibility,categories,"
    "date_created_gmt,date_modified_gmt"
)

_HIDDEN = ("hidden", "search")
"""The shop's own lists of products leave these out as well."""


def product_seen(body: Body, shop: ShopFacts, received_at: datetime) -> ProductSeen:
    """A product in the store's currency: the body does not name one."""
    images = rows(body, "images")
    priced = text(body, "price") is not None
    return ProductSeen(
        product_key=required_key(body, "id"),
        title=required(body, "name"),
        url=address(body, "permalink"),
        image_url=address(images[0], "src") if images else None,
        price_minor=money(body, "price", shop.currency) if priced else None,
        currency=shop.currency if priced else None,
        available=_is_offered(body),
        categories=tuple(required(row, "name") for row in rows(body, "categories")),
        updated_at=moment(body, "date_modified_gmt")
        or moment(body, "date_created_gmt")
        or received_at,
    )


def _is_offered(body: Body) -> bool:
    """Whether shoppers find it in the shop's catalogue and can buy it: a product may be hidden from
    it, or be one part of a bundle that is not sold alone."""
    return (
        text(body, "status") == "publish"
        and text(body, "stock_status") != "outofstock"
        and text(body, "catalog_visibility") not in _HIDDEN
        and body.get("purchasable") is not False
    )
