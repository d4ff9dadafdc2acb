"""The exports we know by their headers, and what is peculiar to each.

Shopify: https://help.shopify.com/en/manual/orders/manage-orders/exporting-orders
WooCommerce itself exports only the report of its Analytics; the common export plugins write a row
per item or per order, with names such as `billing_email` or `Email (Billing)`.
https://woocommerce.com/document/ordercustomer-csv-export/
https://woocommerce.com/document/import-and-export-of-woocommerce-orders/
https://docs.algolplus.com/category/algol_order_export/
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.platforms.csvfile import plain

Headers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of file. It is recognised when the header has all of any one of `signs`.

    `groups_by` is the field that every row of an order repeats; `order_key` the one that the shop's
    own webhooks know it by. `decimal` is fixed where the program that writes it fixes it.
    """

    name: str
    title: str
    signs: tuple[frozenset[str], ...]
    headers: Headers
    groups_by: tuple[str, ...] = ("order_id", "order_number")
    decimal: str | None = None
    struck_through: bool = False


def _headers(words: Mapping[str, str]) -> Headers:
    return {field: tuple(names.split("|")) for field, names in words.items()}


def _signs(*words: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(sign.split("|")) for sign in words)


SHOPIFY = Format(
    name="shopify",
    title="Shopify's order export",
    signs=_signs("lineitem name|lineitem quantity|name"),
    headers=_headers(
        {
            "order_id": "id",
            "order_number": "name",
            "placed_at": "created at",
            "paid_at": "paid at",
            "fulfilled_at": "fulfilled at",
            "cancelled_at": "cancelled at",
            "status": "financial status",
            "email": "email",
            "phone": "phone|billing phone|shipping phone",
            "full_name": "billing name|shipping name",
            "country": "shipping country|billing country",
            "region": "shipping province|billing province",
            "currency": "currency",
            "order_total": "total",
            "discount_code": "discount code",
            "refunded_total": "refunded amount",
            "sku": "lineitem sku",
            "title": "lineitem name",
            "quantity": "lineitem quantity",
            "unit_price": "lineitem price",
            "line_discount": "lineitem discount",
        }
    ),
    groups_by=("order_number",),
    decimal=".",
)
WOOCOMMERCE = Format(
    name="woocommerce",
    title="a WooCommerce order export",
    signs=_signs(
        "order id|billing email",
        "order number|billing email",
        "order number|email billing",
        "order id|email billing",
    ),
    headers=_headers(
        {
            "order_id": "order id|id",
            "order_number": "order number formatted|order number",
            "placed_at": "order date|date created|date",
            "updated_at": "modified date|date modified|order modified date",
            "paid_at": "paid date|date paid|order paid date",
            "fulfilled_at": "completed date|date completed|order completed date",
            "status": "status|order status",
            "email": "billing email|email billing|customer email",
            "phone": "billing phone|phone billing",
            "customer_id": "customer id|customer user|user id|customer user id",
            "first_name": "billing first name|first name billing|shipping first name",
            "last_name": "billing last name|last name billing|shipping last name",
            "full_name": "billing full name|full name billing",
            "country": "billing country|country code billing|shipping country",
            "region": "billing state code|billing state|state code billing",
            "currency": "order currency|currency",
            "order_total": "order total|order total amount|total",
            "discount_code": "coupons used|coupon code|coupon codes|coupons",
            "coupon_items": "coupon items",
            "refunded_total": "refunded total|order refund amount|total refunded",
            "refunds": "refunds",
            "line_id": "item id|order item id",
            "product_id": "item product id|product id",
            "variant_id": "item variation id|variation id|item variant id",
            "sku": "item sku|sku|product sku",
            "title": "item name|name|product name|product name main",
            "quantity": "item quantity|quantity|quantity refund",
            "line_total": "item total|order line total|order line w o tax",
            "unit_price": "item price|item cost",
            "line_items": "line items",
        }
    ),
    decimal=".",
)
ANALYTICS = Format(
    name="woocommerce-analytics",
    title="the orders report of WooCommerce Analytics",
    signs=_signs("order|n revenue formatted", "order|items sold|product s"),
    headers=_headers(
        {
            "order_id": "order",
            "placed_at": "date",
            "status": "status",
            "full_name": "customer",
            "products": "product s",
            "discount_code": "coupon s",
            # The net figure leaves taxes and shipping out: what the buyer paid is the other one.
            "order_total": "n revenue formatted|net sales|n revenue",
        }
    ),
    struck_through=True,
)
PLAIN = Format(
    name="plain",
    title="the plain format",
    signs=(frozenset(),),
    headers=plain.HEADERS,
)
FORMATS = {one.name: one for one in (SHOPIFY, WOOCOMMERCE, ANALYTICS, PLAIN)}


def recognise(headers: frozenset[str]) -> Format:
    """The format whose signs are all among these headers; the plain one takes the rest."""
    return next(one for one in FORMATS.values() if any(sign <= headers for sign in one.signs))
