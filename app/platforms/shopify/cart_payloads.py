"""Carts and checkouts as webhooks tell them. Who abandons is for flows to say, not for us."""

from collections import Counter

from app.events import CartSeen, Line, Person
from app.platforms.shopify.context import Context
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.order_payloads import cart_tokens
from app.platforms.shopify.people_payloads import person_of


def cart(body: Fields, context: Context) -> list[CartSeen]:
    """An Online Store cart: no person and no currency of its own, lines in the shop's money."""
    currency = context.shop.currency
    lines = _lines(body, currency)
    return [
        CartSeen(
            cart_keys=_tokens(body, body.text("token"), body.text("id")),
            person=Person(),
            currency=currency,
            total_minor=sum(line.total_minor for line in lines),
            lines=lines,
            created_at=body.moment("created_at"),
            updated_at=body.must(body.moment, "updated_at"),
        )
    ]


def checkout(body: Fields, context: Context) -> list[CartSeen]:
    currency = _currency(body, context)
    return [
        CartSeen(
            cart_keys=_tokens(body, body.text("token"), body.text("cart_token")),
            person=person_of(body),
            currency=currency,
            total_minor=body.must_money("total_price", currency),
            lines=_lines(body, currency),
            recovery_url=body.text("abandoned_checkout_url"),
            completed=body.has("completed_at"),
            created_at=body.moment("created_at"),
            updated_at=body.must(body.moment, "updated_at"),
        )
    ]


def deleted(body: Fields, context: Context) -> list[CartSeen]:
    """A deleted checkout cannot be recovered any more: it counts as emptied."""
    keys = _tokens(body, body.text("token"), body.text("cart_token"), body.key("id"))
    return [CartSeen(cart_keys=keys, person=Person(), updated_at=context.received_at)]


def _tokens(body: Fields, *found: str | None) -> tuple[str, ...]:
    tokens = cart_tokens(*found)
    if not tokens:
        body.fail("token", "is missing")
    return tokens


def _currency(body: Fields, context: Context) -> str:
    """Which currency a checkout's plain amounts are in.

    Shopify documents `currency` as the shop's and `presentment_currency` as the buyer's, and does
    not say for every amount which it uses; this is the only place that decides.
    """
    return body.text("currency") or context.shop.currency


def _lines(body: Fields, currency: str) -> tuple[Line, ...]:
    seen: Counter[str] = Counter()
    return tuple(_line(line, currency, seen) for line in body.rows("line_items"))


def _line(line: Fields, currency: str, seen: Counter[str]) -> Line:
    key = line.text("key") or line.key("id") or line.key("variant_id") or "line"
    seen[key] += 1
    return Line(
        # Two lines of one checkout may share a key; a row's key must not repeat.
        line_key=key if seen[key] == 1 else f"{key}#{seen[key]}",
        product_key=line.key("product_id"),
        variant_key=line.key("variant_id"),
        title=line.text("title") or line.text("presentment_title") or "",
        quantity=line.count("quantity"),
        total_minor=_line_total(line, currency),
    )


def _line_total(line: Fields, currency: str) -> int:
    """`line_price` is in the buyer's currency where a `_set` beside it tells both."""
    in_shop_money = line.sub("line_price_set").sub("shop_money").money("amount", currency)
    return line.must_money("line_price", currency) if in_shop_money is None else in_shop_money
