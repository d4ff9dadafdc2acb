"""Refunds as webhooks tell them, alone or inside their order: the same fact either way."""

from app.events import Refund, RefundSeen
from app.platforms.shopify.context import Context
from app.platforms.shopify.fields import Fields


def refund(body: Fields, context: Context) -> list[RefundSeen]:
    seen = refund_of(body, context.shop.currency)
    return [
        RefundSeen(
            order_key=body.must(body.key, "order_id"), refund=seen, updated_at=seen.refunded_at
        )
    ]


def refund_of(body: Fields, currency: str) -> Refund:
    return Refund(
        refund_key=body.must(body.key, "id"),
        amount_minor=_refunded(body, currency),
        refunded_at=body.moment("processed_at") or body.must(body.moment, "created_at"),
    )


def _refunded(body: Fields, currency: str) -> int:
    """The money that moved, in the shop's currency.

    A refund may move no money at all (a restock). One paid in the buyer's currency says what it
    was worth to the shop only line by line.
    """
    moved = [
        transaction
        for transaction in body.rows("transactions")
        if transaction.text("kind") == "refund"
        and transaction.text("status") in {"success", "pending"}
    ]
    if all(row.text("currency") in {None, currency} for row in moved):
        return sum(row.must_money("amount", currency) for row in moved)
    lines = [_shop_amount(row, "subtotal_set", currency) for row in body.rows("refund_line_items")]
    taxes = [_shop_amount(row, "total_tax_set", currency) for row in body.rows("refund_line_items")]
    # Shopify books a refunded shipping fee as a negative adjustment, a withheld sum as a positive.
    rest = [
        _shop_amount(row, name, currency)
        for row in body.rows("order_adjustments")
        for name in ("amount_set", "tax_amount_set")
    ]
    return sum(lines) + sum(taxes) - sum(rest)


def _shop_amount(row: Fields, name: str, currency: str) -> int:
    return row.sub(name).sub("shop_money").money("amount", currency) or 0
