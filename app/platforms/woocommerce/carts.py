"""Carts, from the three places a WooCommerce shop shows one: our companion plugin's snapshot, a
block checkout's draft order, and an order left unpaid.

A cart's keys are `session:<id>` and `order:<id>`. `cart_hash` is deliberately none: it hashes the
contents only, so two shoppers with the same basket share it, and so do one shopper's repeat orders.
"""

from datetime import datetime

from app.errors import MalformedPayload
from app.events import CartSeen, Line, Person
from app.platforms.woocommerce.payload import (
    Body,
    address,
    inner,
    key,
    meta,
    moment,
    money,
    quantity,
    required,
    required_key,
    rows,
    text,
)
from app.platforms.woocommerce.people import buyer, email

CART_TOPIC = "action.wc_comeback_cart"
SESSION_META = "_comeback_session"
"""The plugin keeps the cart's session here on an order, which links the two."""


def cart_keys(order: Body) -> tuple[str, ...]:
    """Every key the cart of this order is known by."""
    session = meta(order).get(SESSION_META)
    return (f"order:{required_key(order, 'id')}", *((f"session:{session}",) if session else ()))


def lines(body: Body, field: str, currency: str) -> tuple[Line, ...]:
    """Order lines, or the plugin's items, which have the same names where they can."""
    return tuple(_line(row, number, currency) for number, row in enumerate(rows(body, field)))


def _line(row: Body, number: int, currency: str) -> Line:
    return Line(
        line_key=key(row, "id") or text(row, "key") or str(number),
        product_key=key(row, "product_id"),
        variant_key=key(row, "variation_id"),
        title=text(row, "name") or "",
        quantity=quantity(row),
        # `price` is a JSON number, before discounts; `total` is what the line costs.
        total_minor=money(row, "total", currency) if text(row, "total") else 0,
        url=address(row, "url"),
        image_url=address(row, "image_url") or address(inner(row, "image"), "src"),
    )


def unpaid_cart(order: Body, updated_at: datetime) -> CartSeen:
    """The cart behind a draft, pending or failed order. Its pay page brings the shopper back."""
    currency = required(order, "currency")
    return CartSeen(
        cart_keys=cart_keys(order),
        person=buyer(order),
        currency=currency,
        total_minor=money(order, "total", currency),
        lines=lines(order, "line_items", currency),
        recovery_url=address(order, "payment_url"),
        created_at=moment(order, "date_created_gmt"),
        updated_at=updated_at,
    )


def snapshot(body: Body, received_at: datetime) -> CartSeen:
    """The companion plugin's cart, frozen when it changed. See docs/woocommerce-cart-events.md."""
    if text(body, "action") != "wc_comeback_cart":
        raise MalformedPayload("action: is not wc_comeback_cart")
    cart = inner(body, "arg")
    if not cart:
        raise MalformedPayload("arg: is missing or empty; send the whole cart")
    if cart.get("items") is None:
        raise MalformedPayload("items: is missing; send an empty list for an emptied cart")
    currency = required(cart, "currency")
    return CartSeen(
        cart_keys=(f"session:{required(cart, 'session')}",),
        person=Person(platform_key=key(cart, "user"), email=email(cart), phone=text(cart, "phone")),
        currency=currency,
        total_minor=money(cart, "total", currency),
        lines=lines(cart, "items", currency),
        recovery_url=address(cart, "checkout_url"),
        # A plugin's clock that is ahead would make every later event look old.
        updated_at=min(moment(cart, "updated_gmt") or received_at, received_at),
    )
