"""Orders. A body is the order's state when it was read, so every event means: this is how it is.

It must never count a draft as an order, nor lose an order for a status it does not know.
"""

from datetime import datetime, timedelta

from app.events import Fact, OrderSeen, OrderStatus, Refund
from app.platforms.woocommerce.carts import cart_keys, lines, unpaid_cart
from app.platforms.woocommerce.choices import consents
from app.platforms.woocommerce.payload import (
    Body,
    meta,
    moment,
    money,
    required,
    required_key,
    rows,
    text,
)
from app.platforms.woocommerce.people import buyer

FIELDS = (
    "id,number,status,currency,total,created_via,customer_id,billing,line_items,coupon_lines,"
    "refunds,payment_url,meta_data,date_created_gmt,date_modified_gmt,date_paid_gmt"
)
"""What the functions here read: the REST answers are asked for no more."""

EXACT = "3"
"""How many decimals to ask amounts in: two are usual, and would cut a fils off the dinar."""

DRAFT = "checkout-draft"
EMPTY_FORM = "auto-draft"
"""The shop's staff has opened the page for a new order."""
_STATUS = {
    "pending": OrderStatus.PENDING,
    "on-hold": OrderStatus.PENDING,
    "failed": OrderStatus.PENDING,
    "processing": OrderStatus.PAID,
    "completed": OrderStatus.PAID,
    "cancelled": OrderStatus.CANCELLED,
    "trash": OrderStatus.CANCELLED,
    "refunded": OrderStatus.REFUNDED,
}
_NOT_FINISHED = {"pending", "failed"}
_BY_SHOPPER = {"checkout", "store-api"}
_DRAFT_LIFE = timedelta(days=1)
_UTM_META = "_wc_order_attribution_utm_"


def order_facts(body: Body, received_at: datetime) -> list[Fact]:
    """The order, or its cart while it is a draft, or both while its payment is open."""
    status = required(body, "status")
    updated_at = moment(body, "date_modified_gmt") or received_at
    if status == EMPTY_FORM:
        return []
    if status == DRAFT:
        return [unpaid_cart(body, updated_at)]
    facts: list[Fact] = [order_seen(body, received_at)]
    # A subscription's failed renewal or an order typed in by staff is nobody's abandoned cart.
    if status in _NOT_FINISHED and text(body, "created_via") in _BY_SHOPPER:
        facts.append(unpaid_cart(body, updated_at))
    return facts + consents(body, buyer(body), updated_at)


def order_seen(body: Body, received_at: datetime) -> OrderSeen:
    currency = required(body, "currency")
    created_at = moment(body, "date_created_gmt") or received_at
    updated_at = moment(body, "date_modified_gmt") or created_at
    status = _status(body)
    return OrderSeen(
        order_key=required_key(body, "id"),
        number=text(body, "number") or required_key(body, "id"),
        person=buyer(body),
        status=status,
        currency=currency,
        total_minor=money(body, "total", currency),
        lines=lines(body, "line_items", currency),
        refunds=_refunds(body, currency, updated_at),
        discount_codes=tuple(required(row, "code") for row in rows(body, "coupon_lines")),
        cart_keys=_ended_carts(body, status),
        utm=_utm(body),
        placed_at=_placed_at(body, created_at),
        updated_at=updated_at,
        cancelled_at=updated_at if status is OrderStatus.CANCELLED else None,
    )


def is_open_cart(body: Body) -> bool:
    """Whether the shopper has still to finish it: a draft, or an order that is not paid for."""
    return text(body, "status") in {DRAFT, *_NOT_FINISHED}


def _placed_at(body: Body, created_at: datetime) -> datetime:
    """A block checkout's order keeps the date of the draft it was, which lives for a day: if it was
    paid within that, it was placed then.
    https://github.com/woocommerce/woocommerce-blocks/issues/2489
    """
    paid_at = moment(body, "date_paid_gmt")
    if paid_at is None or text(body, "created_via") != "store-api":
        return created_at
    return paid_at if created_at < paid_at <= created_at + _DRAFT_LIFE else created_at


def _status(body: Body) -> OrderStatus:
    """Plugins add statuses, most of them for what follows a payment ("packed", "shipped")."""
    name = required(body, "status")
    unknown = OrderStatus.PAID if moment(body, "date_paid_gmt") else OrderStatus.PENDING
    return _STATUS.get(name, unknown)


def _ended_carts(body: Body, status: OrderStatus) -> tuple[str, ...]:
    """The carts this order ends. One whose payment is open, or was never made before it lapsed,
    ends none: WooCommerce cancels unpaid orders by itself, after an hour unless set otherwise."""
    lapsed = status is OrderStatus.CANCELLED and moment(body, "date_paid_gmt") is None
    return () if lapsed or text(body, "status") in _NOT_FINISHED else cart_keys(body)


def _refunds(body: Body, currency: str, updated_at: datetime) -> tuple[Refund, ...]:
    """Refunds are negative there, positive here; `total` stays what was charged.

    They carry no date of their own. A refund changes the order, so the order's date is the
    refund's when it is first told.
    """
    return tuple(
        Refund(
            refund_key=required_key(row, "id"),
            amount_minor=abs(money(row, "total", currency)),
            refunded_at=updated_at,
        )
        for row in rows(body, "refunds")
    )


def _utm(body: Body) -> dict[str, str]:
    start = len(_UTM_META) - len("utm_")
    return {k[start:]: v for k, v in meta(body).items() if k.startswith(_UTM_META)}
