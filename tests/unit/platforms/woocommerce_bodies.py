"""WooCommerce's recorded payloads, as they are and changed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.events import Fact, OrderSeen
from app.platforms import ShopFacts
from app.platforms.woocommerce import WooCommerce

PAYLOADS = Path(__file__).parents[2] / "payloads" / "woocommerce"
SHOP = ShopFacts(currency="EUR", timezone="Europe/Rome", domain="shop.example")
RECEIVED = datetime(2026, 3, 2, 9, 11, tzinfo=UTC)


def raw(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def facts(topic: str, body: bytes) -> list[Fact]:
    return WooCommerce().normalise(topic, body, SHOP, RECEIVED)


def changed(name: str, **values: Any) -> bytes:
    return json.dumps({**json.loads(raw(name)), **values}).encode()


def only_order(body: bytes, topic: str = "order.updated") -> OrderSeen:
    orders = [fact for fact in facts(topic, body) if isinstance(fact, OrderSeen)]
    assert len(orders) == 1
    return orders[0]
