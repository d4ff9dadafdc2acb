"""Snapshots by keyword, for tests that ask about one person."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.customers.snapshot import CartNow, OrderNow, Snapshot

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def person(**values: Any) -> Snapshot:
    return Snapshot(
        **{
            "store_id": UUID(int=1),
            "customer_id": UUID(int=2),
            "taken_at": NOW,
            "currency": "EUR",
            "locale": "it",
            "first_seen_at": days_ago(400),
            **values,
        }
    )


def cart_of(**values: Any) -> CartNow:
    return CartNow(
        **{
            "cart_id": UUID(int=3),
            "status": "abandoned",
            "currency": "EUR",
            "total_minor": 4_950,
            "lines": ({"product_key": "p1", "title": "Olio", "quantity": 2, "total_minor": 4_950},),
            "recovery_url": None,
            "started_at": days_ago(1),
            "changed_at": days_ago(0.5),
            "abandoned_at": days_ago(0.2),
            "keys": ("c1",),
            **values,
        }
    )


def order_of(**values: Any) -> OrderNow:
    return OrderNow(
        **{
            "order_key": "o1",
            "number": "1001",
            "placed_at": days_ago(30),
            "status": "paid",
            "currency": "EUR",
            "total_minor": 3_000,
            "refunded_minor": 0,
            "cart_keys": (),
            "discount_codes": (),
            "product_keys": ("p1",),
            "titles": ("Olio",),
            **values,
        }
    )
