"""What has happened to a person since a moment, by the names flow files use. Pure.

Opens are no events: mail programs open messages by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.customers import Change, ChangeKind
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something a person has just done, in the words of flow files. `key` tells it from others.

    `remembers` is what a journey that it begins keeps in mind.
    """

    event: str
    key: str
    customer_id: UUID
    at: datetime
    live: bool
    remembers: Mapping[str, Any] = field(default_factory=dict)


def happening(change: Change) -> Happening | None:
    """The event in a change of state; None for one that flows have no word for."""
    if change.customer_id is None:
        return None
    found = _words_for(change)
    if found is None:
        return None
    event, key, remembers = found
    return Happening(
        event=event,
        key=key,
        customer_id=change.customer_id,
        at=change.occurred_at,
        live=change.live,
        remembers={**remembers, "event": event},
    )


def _words_for(change: Change) -> tuple[str, str, dict[str, Any]] | None:
    values = change.values
    match change.kind:
        case ChangeKind.CART_ABANDONED:
            cart_id = str(values["cart_id"])
            # A cart that was touched and left again, or filled anew after an order, is another
            # occasion; how soon a person may enter again is the flow's rule, not the key's.
            key = f"{cart_id}:{change.occurred_at.isoformat()}"
            return CART_ABANDONED, key, {"cart_id": cart_id}
        case ChangeKind.ORDER_PLACED:
            order_key = str(values["order_key"])
            return ORDER_PLACED, order_key, {"order_key": order_key}
        case ChangeKind.CUSTOMER_CREATED:
            return CUSTOMER_CREATED, "created", {}
        case ChangeKind.CONSENT_CHANGED if values["state"] in (SUBSCRIBED, UNSUBSCRIBED):
            channel, state = str(values["channel"]), str(values["state"])
            return state, f"{channel}:{change.occurred_at.isoformat()}", {"channel": channel}
        case ChangeKind.ACTED:
            return str(values["name"]), str(values["event_key"]), _small(values["values"])
    return None


def _small(values: Mapping[str, Any]) -> dict[str, Any]:
    """An act's own values, without names that journeys use for themselves."""
    return {
        name: value
        for name, value in values.items()
        if name not in OWN_NAMES and isinstance(value, str | int | float | bool)
    }


OWN_NAMES = frozenset(
    {
        "began_at",
        "cart_id",
        "cart_started_at",
        "channel",
        "entered_at",
        "event",
        "heard",
        "hour",
        "offer",
        "order_key",
        "rest_until",
        "splits",
        "waiting",
    }
)
