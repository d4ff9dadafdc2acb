"""A shop that goes on telling while processes come and go behind the balancer."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx

PAUSE_SECONDS = 0.05


class Telling:
    """`target` is where the balancer sends now. What is refused is sent again, as shops do."""

    def __init__(self, target: str, domain: str, secret: str, order: bytes) -> None:
        self.target, self._domain, self._secret = target, domain, secret.encode()
        self._order = json.loads(order)
        self.taken: list[str] = []
        self.statuses: set[int] = set()
        self.cut = 0
        self._over = threading.Event()

    def tell(self) -> None:
        with httpx.Client(timeout=30, trust_env=False) as client:
            while not self._over.wait(PAUSE_SECONDS):
                self._deliver(client, str(len(self.taken)))

    def _deliver(self, client: httpx.Client, key: str) -> None:
        now = datetime.now(UTC).isoformat()
        number = 9_000_000 + int(key)
        told = {**self._order, "id": number, "name": f"#{key}", "updated_at": now}
        told["admin_graphql_api_id"] = f"gid://shopify/Order/{number}"
        body = json.dumps(told).encode()
        signature = base64.b64encode(hmac.digest(self._secret, body, hashlib.sha256)).decode()
        headers = {
            "X-Shopify-Shop-Domain": self._domain,
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Webhook-Id": key,
            "X-Shopify-Hmac-Sha256": signature,
        }
        try:
            reply = client.post(f"{self.target}/webhooks/shopify", content=body, headers=headers)
        except httpx.TransportError:
            self.cut += 1
            return
        self.statuses.add(reply.status_code)
        if reply.status_code == 200:
            self.taken.append(key)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        thread = threading.Thread(target=self.tell)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(60)
