"""The documented cart event is what the adapter takes."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.events import CartSeen
from app.platforms import Delivery, ShopFacts
from app.platforms.woocommerce import WooCommerce
from app.platforms.woocommerce.hooks import TOPICS

PAGE = (Path(__file__).parents[3] / "docs" / "woocommerce-cart-events.md").read_text()
TOPIC = "action.wc_comeback_cart"


def block(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)\n```", PAGE, re.DOTALL)
    return str(found)


def test_the_example_of_the_page_is_verified_and_read() -> None:
    [secret] = re.findall(r"With the secret `([^`]+)`", PAGE)
    headers = {"x-wc-webhook-topic": TOPIC, "x-wc-webhook-signature": block("text")}
    delivery = Delivery(headers=headers, body=block("json").encode())
    shop = ShopFacts(currency="EUR", timezone="UTC", domain="shop.example")

    verified = WooCommerce().verify(delivery, [secret])
    [cart] = WooCommerce().normalise(verified.topic, delivery.body, shop, datetime.now(UTC))

    assert isinstance(cart, CartSeen)
    assert cart.total_minor == 4098
    assert cart.updated_at == datetime(2026, 3, 2, 9, 4, 10, tzinfo=UTC)


def test_the_topic_of_the_page_is_registered() -> None:
    assert TOPIC in PAGE
    assert TOPIC in TOPICS


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://shop.example/checkout/", "https://shop.example/checkout/"),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_only_a_web_address_may_lead_back_to_a_cart(given: str, kept: str | None) -> None:
    body = block("json").replace("https://shop.example/checkout/", given).encode()
    shop = ShopFacts(currency="EUR", timezone="UTC", domain="shop.example")

    [cart] = WooCommerce().normalise(TOPIC, body, shop, datetime.now(UTC))

    assert isinstance(cart, CartSeen)
    assert cart.recovery_url == kept


def test_a_plugin_s_clock_that_is_ahead_makes_no_later_event_look_old() -> None:
    shop = ShopFacts(currency="EUR", timezone="UTC", domain="shop.example")
    arrived = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    ahead = block("json").replace("2026-03-02T09:04:10", "2036-03-02T09:04:10").encode()

    [cart] = WooCommerce().normalise(TOPIC, ahead, shop, arrived)

    assert isinstance(cart, CartSeen)
    assert cart.updated_at == arrived
