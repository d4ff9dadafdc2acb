"""Of an order's body only the named fields are read, and nothing that a reader asks for is lost."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.platforms import ShopFacts
from app.platforms.shopify import order_payloads
from app.platforms.shopify.context import Context
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.order_shape import Order
from tests.unit.platforms.shopify_bodies import raw

CONTEXT = Context(
    topic="orders/create",
    shop=ShopFacts(currency="EUR", timezone="Europe/Rome", domain="officina.myshopify.com"),
    received_at=datetime(2026, 3, 5, 12, 0, tzinfo=UTC),
)


class Watched(dict[str, Any]):
    """An object of a body that remembers by which names it was asked."""

    def __init__(self, values: dict[str, Any], asked: set[str]) -> None:
        super().__init__(values)
        self._asked = asked

    def get(self, name: str, default: Any = None) -> Any:
        self._asked.add(name)
        return super().get(name, default)


def test_every_field_that_a_reader_asks_for_is_named() -> None:
    asked: set[str] = set()
    # Nothing is known but what must be, so that every place to look at is looked at.
    bare = {"id": 1, "currency": "EUR", "total_price": "1.00"}
    moments = dict.fromkeys(("created_at", "updated_at"), "2026-03-02T12:00:00Z")

    order_payloads.order(Fields(Watched(bare | moments, asked), "orders/create"), CONTEXT)

    assert asked == set(Order.__annotations__)


@pytest.mark.parametrize("name", ["customer", "shipping_address", "line_items"])
def test_every_field_of_an_object_inside_is_named(name: str) -> None:
    asked: set[str] = set()
    body = json.loads(raw("orders_create"))
    for elsewhere in ("email", "contact_email", "phone", "customer_locale"):
        body[elsewhere] = None
    needed = {"id": 1, "price": "1.00"} if name == "line_items" else {"country_code": "IT"}
    inside = Watched(needed, asked)
    body[name] = [inside] if name == "line_items" else inside

    order_payloads.order(Fields(body, "orders/create"), CONTEXT)

    shape = Order.__annotations__[name].__args__[0]
    named = getattr(shape, "__args__", (shape,))[0].__annotations__
    assert asked <= set(named)
    assert asked
