"""Order webhooks as a load generator needs them: distinct, 2 to 20 KB, signed as Shopify signs."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from app.sandbox.shopify.signing import digest

PAYLOAD = Path(__file__).parents[1] / "payloads" / "shopify" / "orders_create.json"
LEAST_BYTES, MOST_BYTES = 2_000, 20_000
REPEATED = 0.05
"""The share of deliveries that come a second time under the same id."""

_LONG = ("billing_address", "total_price_set", "current_total_price_set", "client_details")


class Orders:
    """Bodies made from a real payload. The same seed makes the same bodies."""

    def __init__(self, seed: int, at: datetime) -> None:
        self._dice = Random(seed)
        self._base: dict[str, Any] = json.loads(PAYLOAD.read_text(encoding="utf-8"))
        for name in _LONG:  # Without them the shortest body is 2 KB, as with `include_fields`.
            self._base.pop(name, None)
        self._line = self._base["line_items"][0]
        self._number = seed * 1_000_000
        self._at = at.isoformat()

    def body(self) -> bytes:
        """The next order: its own number, its own person, as many lines as its size asks for."""
        self._number += 1
        number, email = self._number, f"buyer{self._number}@bench.example"
        customer = {**self._base["customer"], "id": number, "email": email}
        order = {
            **self._base,
            "id": number,
            "name": f"#{number}",
            "order_number": number,
            "cart_token": f"cart{number}",
            "checkout_token": f"checkout{number}",
            "email": email,
            "contact_email": email,
            "customer": customer,
            **dict.fromkeys(("created_at", "processed_at", "updated_at"), self._at),
        }
        return self._sized(order, self._dice.randint(LEAST_BYTES, MOST_BYTES))

    def _sized(self, order: dict[str, Any], size: int) -> bytes:
        order["line_items"] = []
        bare = len(json.dumps(order))
        each = len(json.dumps(self._line)) + 2
        lines = max(1, (size - bare) // each)
        order["line_items"] = [{**self._line, "id": self._number * 100 + n} for n in range(lines)]
        return json.dumps(order).encode()


def requests(orders: Orders, domains: list[str], secret: str, count: int) -> Iterator[bytes]:
    """`count` whole HTTP requests over the shops in turn, some of them repeats of earlier ones."""
    dice, sent = Random(count), list[bytes]()
    for number in range(count):
        if sent and dice.random() < REPEATED:
            yield dice.choice(sent)
            continue
        body = orders.body()
        sent.append(_request(body, domains[number % len(domains)], digest(body, secret)))
        yield sent[-1]


def _request(body: bytes, domain: str, signature: str) -> bytes:
    key = signature[:24]  # As distinct as the body it signs.
    head = (
        "POST /webhooks/shopify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Shopify-Topic: orders/create\r\nX-Shopify-Shop-Domain: {domain}\r\n"
        f"X-Shopify-Hmac-Sha256: {signature}\r\nX-Shopify-Webhook-Id: {key}\r\n"
        f"X-Shopify-API-Version: 2026-10\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
