"""Webhooks on their way: signed, over real HTTP, tried again with growing gaps on our one clock.

Nothing is sent behind anybody's back: `pump` works in the caller's thread. Deliveries can be told
to come twice or out of order, which Shopify promises to do now and then.
"""

import json
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app import clock
from app.sandbox.shopify.records import Subscription
from app.sandbox.shopify.signing import digest

API_VERSION = "2026-10"
GAPS = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 40, 60, 90)]
"""Eight more tries within four hours: https://shopify.dev/changelog/updates-to-webhook-retry-mechanism"""
_TIMEOUT = httpx.Timeout(5.0, connect=1.0)


@dataclass(slots=True)
class Parcel:
    """One delivery. A retry and a duplicate keep its id; other subscriptions get another."""

    shop: str
    topic: str
    url: str
    body: bytes
    secret: str
    event_id: str
    triggered_at: datetime
    due_at: datetime
    subscription: Subscription
    webhook_id: str = field(default_factory=lambda: str(uuid4()))
    failures: int = 0

    def headers(self, prefix: str) -> dict[str, str]:
        named = {
            "Topic": self.topic,
            "Hmac-Sha256": digest(self.body, self.secret),
            "Shop-Domain": self.shop,
            "API-Version": API_VERSION,
            "Webhook-Id": self.webhook_id,
            "Event-Id": self.event_id,
            "Triggered-At": self.triggered_at.isoformat(),
        }
        plain = {"Content-Type": "application/json", "User-Agent": "Shopify-Captain-Hook"}
        return {prefix + name: value for name, value in named.items()} | plain


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one attempt; `status` None: no answer."""

    parcel: Parcel
    status: int | None

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class PostOffice:
    """The parcels that wait, and the knobs for how they travel."""

    def __init__(self) -> None:
        self.waiting: list[Parcel] = []
        self.given_up: list[Parcel] = []
        self.prefix = "X-Shopify-"
        self._client = httpx.Client(timeout=_TIMEOUT, trust_env=False)
        self._sorting = threading.Lock()

    def repeat(self, count: int = 1) -> None:
        """Send the last `count` waiting parcels a second time, under the same id."""
        self.waiting.extend(self.waiting[-count:])

    def shuffle(self, seed: int) -> None:
        """Let the waiting parcels arrive in another order."""
        random.Random(seed).shuffle(self.waiting)  # noqa: S311 - an order, not a secret.

    def due(self) -> list[Parcel]:
        """Take the parcels whose time has come, in order."""
        now = clock.now()
        with self._sorting:
            ready = [parcel for parcel in self.waiting if parcel.due_at <= now]
            self.waiting = [parcel for parcel in self.waiting if parcel.due_at > now]
        return ready

    def post(self, parcel: Parcel) -> Posted:
        """One attempt. A failure waits for its next one, or is given up."""
        posted = Posted(parcel, self._send(parcel))
        if not posted.taken:
            self._retry(parcel)
        return posted

    def close(self) -> None:
        self._client.close()

    def _send(self, parcel: Parcel) -> int | None:
        try:
            answer = self._client.post(
                parcel.url, content=parcel.body, headers=parcel.headers(self.prefix)
            )
        except httpx.HTTPError:
            return None
        return answer.status_code

    def _retry(self, parcel: Parcel) -> None:
        if parcel.failures >= len(GAPS):
            self.given_up.append(parcel)
            return
        parcel.due_at = clock.now() + GAPS[parcel.failures]
        parcel.failures += 1
        with self._sorting:  # Several may post at once.
            self.waiting.append(parcel)


def trimmed(body: Mapping[str, Any], subscription: Subscription) -> bytes:
    """The body with the fields the subscription asked for."""
    wanted = subscription.fields
    kept = {name: value for name, value in body.items() if not wanted or name in wanted}
    return json.dumps(kept, ensure_ascii=False).encode()
