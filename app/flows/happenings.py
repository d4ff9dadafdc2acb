"""What has happened to a person since a moment, by the names flow files use. Pure.

Opens are no events: mail programs open messages by themselves.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.customers.snapshot import Snapshot

ORDER_PLACED = "order_placed"
CART_ABANDONED = "cart_abandoned"
CUSTOMER_CREATED = "customer_created"
SUBSCRIBED = "subscribed"
UNSUBSCRIBED = "unsubscribed"


def happened(
    event: str, snapshot: Snapshot, since: datetime, context: Mapping[str, Any]
) -> datetime | None:
    """When `event` first happened at or after `since`; None if it has not."""
    moments = [moment for moment in _moments(event, snapshot, context) if moment >= since]
    return min(moments, default=None)


def _moments(event: str, snapshot: Snapshot, context: Mapping[str, Any]) -> list[datetime]:
    if event == ORDER_PLACED:
        # The order that began a journey does not end it.
        own = context.get("order_key")
        return [order.placed_at for order in snapshot.orders if order.order_key != own]
    if event == CART_ABANDONED:
        own = context.get("cart_id")
        carts = [cart for cart in snapshot.carts if str(cart.cart_id) != own]
        return [cart.abandoned_at for cart in carts if cart.abandoned_at]
    if event in (SUBSCRIBED, UNSUBSCRIBED):
        return [choice.since for choice in snapshot.consent.values() if choice.state == event]
    return list(snapshot.events.get(event, ()))
