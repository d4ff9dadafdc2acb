"""Orders as webhooks tell them. Money is the shop's currency, never the buyer's."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from app.events import Line, OrderDeleted, OrderSeen, OrderStatus
from app.platforms.shopify.context import Context
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.people_payloads import person_of
from app.platforms.shopify.refund_payloads import refund_of

_STATUSES = {
    "paid": OrderStatus.PAID,
    "partially_refunded": OrderStatus.PAID,
    "refunded": OrderStatus.REFUNDED,
    "voided": OrderStatus.CANCELLED,
    "expired": OrderStatus.CANCELLED,
}


def order(body: Fields, context: Context) -> list[OrderSeen]:
    currency = body.must(body.text, "currency")
    cancelled_at = body.moment("cancelled_at")
    placed_at = body.moment("processed_at") or body.must(body.moment, "created_at")
    return [
        OrderSeen(
            order_key=body.must(body.key, "id"),
            number=body.text("name") or body.must(body.key, "id"),
            person=person_of(body),
            status=status_of(body.text("financial_status"), cancelled=cancelled_at is not None),
            currency=currency,
            total_minor=body.must_money("total_price", currency),
            lines=tuple(_line(line, currency) for line in body.rows("line_items")),
            refunds=tuple(refund_of(refund, currency) for refund in body.rows("refunds")),
            discount_codes=_codes(body),
            cart_keys=cart_tokens(body.text("checkout_token"), body.text("cart_token")),
            utm=utm_of(body.text("landing_site")),
            placed_at=placed_at,
            updated_at=body.must(body.moment, "updated_at"),
            cancelled_at=cancelled_at,
            test=body.flag("test"),
        )
    ]


def edited(body: Fields, context: Context) -> list[OrderSeen]:
    """An edit names its additions and removals only; `orders/updated` brings the new state."""
    edit = body.sub("order_edit")
    edit.must(edit.key, "order_id")
    return []


def deleted(body: Fields, context: Context) -> list[OrderDeleted]:
    """The body is the id alone, so the moment of arrival is the only clock there is."""
    return [OrderDeleted(order_key=body.must(body.key, "id"), updated_at=context.received_at)]


def status_of(financial: str | None, *, cancelled: bool) -> OrderStatus:
    """Shopify's payment word in ours; authorised or partly paid money is not ours to count yet."""
    if cancelled:
        return OrderStatus.CANCELLED
    return _STATUSES.get((financial or "").lower(), OrderStatus.PENDING)


def cart_tokens(*tokens: str | None) -> tuple[str, ...]:
    """Tokens without repeats. The storefront appends `?key=` to a cart's token, webhooks do not."""
    return tuple(dict.fromkeys(bare for token in tokens if token and (bare := token.split("?")[0])))


def utm_of(landing_site: str | None) -> Mapping[str, str]:
    """The campaign parameters of the visit that led to the order."""
    try:
        query = urlsplit(landing_site or "").query
    except ValueError:
        return {}
    return {name: value for name, value in parse_qsl(query) if name.startswith("utm_")}


def _line(line: Fields, currency: str) -> Line:
    quantity = line.count("quantity")
    discounts = [cut.must_money("amount", currency) for cut in line.rows("discount_allocations")]
    return Line(
        line_key=line.must(line.key, "id"),
        product_key=line.key("product_id"),
        variant_key=line.key("variant_id"),
        title=line.text("title") or line.text("name") or "",
        quantity=quantity,
        total_minor=line.must_money("price", currency) * quantity - sum(discounts),
    )


def _codes(body: Fields) -> tuple[str, ...]:
    return tuple(code for row in body.rows("discount_codes") if (code := row.text("code")))
