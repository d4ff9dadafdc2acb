"""Shopify's recorded payloads, as they are and changed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from app.events import Fact
from app.platforms import ShopFacts
from app.platforms.shopify.payloads import Shopify

PAYLOADS = Path(__file__).parents[2] / "payloads" / "shopify"
SHOP = ShopFacts(currency="EUR", timezone="Europe/Rome", domain="officina.myshopify.com")
ARRIVED = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
TOPICS = {
    "orders_create": "orders/create",
    "refunds_create_other_currency": "refunds/create",
    "checkouts_create": "checkouts/create",
    "carts_update": "carts/update",
    "customers_update": "customers/update",
    "products_update": "products/update",
    "customers_redact": "customers/redact",
}
F = TypeVar("F", bound=Fact)


def facts(topic: str, body: bytes) -> list[Fact]:
    return Shopify().normalise(topic, body, SHOP, ARRIVED)


def raw(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def only(kind: type[F], topic: str, name: str) -> F:
    found = facts(topic, raw(name))
    assert len(found) == 1
    assert isinstance(found[0], kind)
    return found[0]


def changed(payload: str, /, **values: Any) -> bytes:
    return json.dumps(json.loads(raw(payload)) | values).encode()
