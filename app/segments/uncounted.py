"""What begins flows and is no act of a person that conditions count: asked for, it would never be
there. Each with the fact that tells it."""

from collections.abc import Mapping
from types import MappingProxyType

_TOLD_BY = {
    "cart_abandoned": "cart.abandoned",
    "customer_created": "customer.first_seen",
    "subscribed": "consent.email",
    "unsubscribed": "consent.email",
}
INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "events.ordered": "events.order_placed",
        "since_entry.order_placed": "since_entry.ordered",
        **{f"events.{name}": fact for name, fact in _TOLD_BY.items()},
        **{f"since_entry.{name}": fact for name, fact in _TOLD_BY.items()},
    }
)
