"""Facts about one message for the tests of the truth check: a good case, changed by keyword."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.customers.snapshot import CartNow, ConsentNow, OrderNow, Snapshot
from app.messages.attention import NOTHING, Attention
from app.messages.facts import Facts
from app.models import Flow, Journey, Message, Offer, Store
from app.stores.settings import StoreSettings

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
"""Noon in Rome, a Monday."""
ENTERED = NOW - timedelta(hours=2)
CART = UUID("01935a2b-0000-7000-8000-00000000000c")
STORE = UUID("01935a2b-0000-7000-8000-00000000000a")


def subscribed(*channels: str) -> dict[str, ConsentNow]:
    return {
        channel: ConsentNow(state="subscribed", since=ENTERED, source="shopify")
        for channel in channels
    }


def cart(**values: Any) -> CartNow:
    good: dict[str, Any] = {
        "cart_id": CART,
        "status": "abandoned",
        "currency": "EUR",
        "total_minor": 4_200,
        "lines": ({"product_key": "p1", "title": "Thyme", "quantity": 1, "total_minor": 4_200},),
        "recovery_url": "https://shop.example/recover",
        "started_at": ENTERED - timedelta(hours=2),
        "changed_at": ENTERED - timedelta(hours=1),
        "abandoned_at": ENTERED,
        "keys": ("c1",),
    }
    return CartNow(**good | values)


def order(**values: Any) -> OrderNow:
    good: dict[str, Any] = {
        "order_key": "o1",
        "number": "1001",
        "placed_at": NOW - timedelta(minutes=30),
        "status": "paid",
        "currency": "EUR",
        "total_minor": 4_200,
        "refunded_minor": 0,
        "cart_keys": (),
        "discount_codes": (),
        "product_keys": ("p1",),
        "titles": ("Thyme",),
    }
    return OrderNow(**good | values)


def person(**values: Any) -> Snapshot:
    good: dict[str, Any] = {
        "store_id": STORE,
        "customer_id": uuid4(),
        "taken_at": NOW,
        "currency": "EUR",
        "email": "ana@example.com",
        "phone": "+393471234567",
        "locale": "it",
        "country": "IT",
        "first_seen_at": ENTERED,
        "consent": subscribed("email", "sms", "whatsapp"),
        "carts": (cart(),),
    }
    return Snapshot(**good | values)


def facts(
    *,
    message: dict[str, Any] | None = None,
    journey: dict[str, Any] | None = None,
    snapshot: Snapshot | None = None,
    asked: Attention = NOTHING,
    **values: Any,
) -> Facts:
    """A cart reminder by e-mail to a subscriber in Rome at noon: it may go."""
    message_row: dict[str, Any] = {
        "message_id": uuid4(),
        "channel": "email",
        "name": "reminder",
        "purpose": "cart",
        "commercial": True,
        "context": {"cart_id": str(CART)},
        "deadline_at": NOW + timedelta(hours=20),
        "status": "planned",
    }
    journey_row: dict[str, Any] = {
        "arm": "treated",
        "status": "active",
        "entered_at": ENTERED,
        "context": {},
    }
    rest: dict[str, Any] = {
        "settings": StoreSettings(),
        "flow": Flow(slug="cart", status="active"),
        "store": Store(store_id=STORE, status="active", timezone="Europe/Rome", country="IT"),
    }
    return Facts(
        message=Message(**message_row | (message or {})),
        journey=Journey(**journey_row | (journey or {})),
        snapshot=snapshot or person(),
        asked=asked,
        **rest | values,
    )


def offer(**values: Any) -> Offer:
    good: dict[str, Any] = {
        "name": "gift",
        "code": "ERBE-XW34",
        "status": "live",
        "expires_at": NOW + timedelta(days=2),
    }
    return Offer(**good | values)
