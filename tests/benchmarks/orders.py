"""Order bodies as a load generator needs them: distinct, 2 to 20 KB, in both platforms' words."""

import json
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

PAYLOADS = Path(__file__).parents[1] / "payloads"
LEAST_BYTES, MOST_BYTES = 2_000, 20_000

_LONG = ("billing_address", "total_price_set", "current_total_price_set", "client_details")


class Orders:
    """Bodies made from real payloads. The same seed makes the same bodies."""

    def __init__(self, seed: int, at: datetime) -> None:
        self._dice = Random(seed)
        self._shopify = _payload("shopify/orders_create.json")
        for name in _LONG:  # Without them the shortest body is 2 KB, as with `include_fields`.
            self._shopify.pop(name, None)
        self._woo = _payload("woocommerce/order_processing.json")
        self._number = seed * 1_000_000
        self._at = at.isoformat()

    def body(self) -> bytes:
        """Shopify's next order: its own number and person, as many lines as its size asks for."""
        number, email = self._next()
        order = {
            **self._shopify,
            "id": number,
            "name": f"#{number}",
            "order_number": number,
            "cart_token": f"cart{number}",
            "checkout_token": f"checkout{number}",
            "email": email,
            "contact_email": email,
            "customer": {**self._shopify["customer"], "id": number, "email": email},
            **dict.fromkeys(("created_at", "processed_at", "updated_at"), self._at),
        }
        return self._sized(order)

    def woocommerce(self) -> bytes:
        """WooCommerce's next order, likewise."""
        number, email = self._next()
        billing = {**self._woo["billing"], "email": email}
        moments = ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")
        order = {**self._woo, "id": number, "number": str(number), "billing": billing}
        return self._sized(order | dict.fromkeys(moments, self._at[:19]))

    def _next(self) -> tuple[int, str]:
        self._number += 1
        return self._number, f"buyer{self._number}@bench.example"

    def _sized(self, order: dict[str, Any]) -> bytes:
        size, line = self._dice.randint(LEAST_BYTES, MOST_BYTES), order["line_items"][0]
        order["line_items"] = []
        bare = len(json.dumps(order))
        lines = max(1, (size - bare) // (len(json.dumps(line)) + 2))
        order["line_items"] = [{**line, "id": self._number * 100 + n} for n in range(lines)]
        return json.dumps(order).encode()


def _payload(name: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads((PAYLOADS / name).read_text(encoding="utf-8"))
    return payload
