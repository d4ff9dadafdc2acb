"""Whole webhook requests: the orders of several stores in turn, signed as each platform signs, some
of them a second time."""

import hashlib
from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

from app.platforms.woocommerce.platform import sign
from app.sandbox.shopify.signing import digest
from tests.benchmarks.orders import Orders

REPEATED = 0.05
"""The share of deliveries that come a second time under the same id."""

Door = dict[str, Any]
"""Where a store's webhooks go: `platform`, `name` (a shop domain or our store's id), `secret`."""


def requests(orders: Orders, doors: list[Door], count: int) -> Iterator[bytes]:
    """`count` HTTP requests."""
    dice, sent = Random(count), list[bytes]()
    for number in range(count):
        if sent and dice.random() < REPEATED:
            yield dice.choice(sent)
            continue
        sent.append(_request(orders, doors[number % len(doors)]))
        yield sent[-1]


def _request(orders: Orders, door: Door) -> bytes:
    if door["platform"] == "shopify":
        body = orders.body()
        path, headers = "/webhooks/shopify", _shopify(door, body)
    else:
        body = orders.woocommerce()
        path, headers = f"/webhooks/woocommerce/{door['name']}", _woocommerce(door, body)
    general = {"Host": "127.0.0.1", "Content-Type": "application/json"}
    lines = {**general, **headers, "Content-Length": str(len(body))}.items()
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def _shopify(door: Door, body: bytes) -> dict[str, str]:
    return {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": door["name"],
        "X-Shopify-Hmac-Sha256": digest(body, door["secret"]),
        # As distinct as the body it comes with.
        "X-Shopify-Webhook-Id": str(UUID(bytes=hashlib.sha256(body).digest()[:16])),
        "X-Shopify-API-Version": "2026-10",
    }


def _woocommerce(door: Door, body: bytes) -> dict[str, str]:
    return {
        "X-WC-Webhook-Topic": "order.created",
        "X-WC-Webhook-Resource": "order",
        "X-WC-Webhook-Event": "created",
        "X-WC-Webhook-Signature": sign(body, door["secret"]),
        "X-WC-Webhook-ID": "1",
        "X-WC-Delivery-ID": hashlib.sha256(body[:64]).hexdigest()[:32],
    }
