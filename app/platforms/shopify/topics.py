"""The webhook topics we live on, and the fields of each that we read.

`shopify.app.toml` says the same for shops that install the app; a test keeps the two equal.
`updated_at` is always there: Shopify drops a delivery whose trimmed body equals the one before.
"""

from collections.abc import Mapping

_ORDER = (
    "id",
    "name",
    "email",
    "contact_email",
    "phone",
    "customer",
    "customer_locale",
    "shipping_address",
    "currency",
    "total_price",
    "financial_status",
    "line_items",
    "refunds",
    "discount_codes",
    "cart_token",
    "checkout_token",
    "landing_site",
    "test",
    "created_at",
    "processed_at",
    "cancelled_at",
    "updated_at",
)
_CHECKOUT = (
    "token",
    "cart_token",
    "email",
    "phone",
    "sms_marketing_phone",
    "customer",
    "customer_locale",
    "shipping_address",
    "currency",
    "total_price",
    "line_items",
    "abandoned_checkout_url",
    "completed_at",
    "created_at",
    "updated_at",
)
_CART = ("id", "token", "line_items", "created_at", "updated_at")
_PRODUCT = (
    "id",
    "title",
    "handle",
    "product_type",
    "category",
    "status",
    "published_at",
    "variants",
    "image",
    "updated_at",
)
_CUSTOMER = (
    "id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "default_address",
    "created_at",
    "updated_at",
)

TRIMMED: Mapping[str, tuple[str, ...]] = {
    "orders/create": _ORDER,
    "orders/updated": _ORDER,
    "orders/paid": _ORDER,
    "orders/cancelled": _ORDER,
    "checkouts/create": _CHECKOUT,
    "checkouts/update": _CHECKOUT,
    "carts/create": _CART,
    "carts/update": _CART,
    "customers/create": _CUSTOMER,
    "customers/update": _CUSTOMER,
    "products/create": _PRODUCT,
    "products/update": _PRODUCT,
}

WHOLE = (
    "orders/delete",
    "refunds/create",
    "checkouts/delete",
    "customers/delete",
    "customers_email_marketing_consent/update",
    "customers_marketing_consent/update",
    "customers_whats_app_marketing_consent/update",
    "products/delete",
    "app/uninstalled",
    "shop/update",
    "bulk_operations/finish",
)
"""Bodies that are small, or that carry no `updated_at` to trim them by."""

COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")
"""Subscribed to in the TOML file alone; the Admin API does not offer them."""

TOPICS: Mapping[str, tuple[str, ...]] = {**TRIMMED, **dict.fromkeys(WHOLE, ())}


def enum_of(topic: str) -> str:
    """A topic's name in the Admin API: ``orders/create`` is ``ORDERS_CREATE``."""
    return topic.upper().replace("/", "_").replace(".", "_")
