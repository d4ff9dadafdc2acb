"""The fields of an order that a column can hold, in our words, and what the reader is told of them.

The names are those of the plain format and of mapping files (`docs/import.md`).
"""

ORDER = {
    "order_id": "the order's id at the shop",
    "order_number": "the number people know it by",
    "placed_at": "when it was placed",
    "updated_at": "when it was last changed",
    "paid_at": "when it was paid",
    "fulfilled_at": "when it was sent out",
    "cancelled_at": "when it was cancelled",
    "status": "whether it is paid, cancelled or refunded",
    "email": "the buyer's e-mail",
    "phone": "the buyer's telephone",
    "customer_id": "the buyer's account at the shop",
    "first_name": "first name",
    "last_name": "last name",
    "full_name": "the whole name",
    "country": "country",
    "region": "state or province",
    "locale": "the buyer's language",
    "currency": "currency",
    "order_total": "what the whole order cost",
    "discount_code": "discount codes used",
    "refunded_total": "what was given back of the whole order",
    "coupon_items": "coupons, packed",
}
REFUND = {
    "refund_id": "a refund's id",
    "refund_amount": "money given back",
    "refunded_at": "when it was given back",
    "refunds": "refunds, packed",
}
LINE = {
    "line_id": "the line's id",
    "product_id": "product",
    "variant_id": "variant",
    "sku": "article number",
    "title": "what was bought",
    "quantity": "how many",
    "line_total": "what the line cost",
    "unit_price": "what one piece cost",
    "line_discount": "discount on the line",
    "line_items": "lines, packed",
    "products": "what was bought, in words",
}
ALL = {**ORDER, **REFUND, **LINE}

ALTERNATIVES = frozenset(
    {"email", "phone", "country", "region", "full_name", "first_name", "last_name"}
)
"""Fields that may stand in several columns, as billing and shipping: the first filled counts."""

GATHERED = frozenset({"line_items"})
"""Fields spread over several columns, each of which counts."""

MOMENTS = ("placed_at", "updated_at", "paid_at", "fulfilled_at", "cancelled_at")
AMOUNTS = ("order_total", "refunded_total", "refund_amount", "line_total", "unit_price")
