"""How many webhooks may come at once: per store what its signature has proven, per stranger what
nothing has.

Counted in this process alone, because a queue that is down or slow must not cost a webhook. What is
forged never takes room from the store it names, or anybody could silence a shop.
"""

import math
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from uuid import UUID

from werkzeug.exceptions import TooManyRequests

from app import clock
from app.web.asgi import Scope

STORE_BURST, STORE_PER_SECOND = 60_000, 1_000
"""Far above the busiest shop's hour: platforms drop a webhook that is refused again and again."""
FORGED_BURST, FORGED_PER_SECOND = 300, 5
_MOST_KEYS = 10_000


def stranger(scope: Scope, headers: Mapping[str, str], proxies: int) -> str:
    """Who asks, and for whom: all shops of a platform call from the same few addresses, and what
    one brings must not close the door to the others. Of what the proxies in front tell, only as
    many hops are believed as there are proxies."""
    told = headers.get("x-forwarded-for", "").split(",") if proxies else ()
    address = told[-proxies].strip() if len(told) >= proxies > 0 else ""
    claim = headers.get("x-shopify-shop-domain") or headers.get("shopify-shop-domain")
    caller, _ = scope["client"] or ("", 0)
    return f"{address or caller} {scope['path']} {claim}"


class Bursts:
    """Buckets that fill up again with time, one per key; those not used for longest are dropped."""

    def __init__(self, size: float, per_second: float) -> None:
        self._size, self._per_second = size, per_second
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str, cost: int = 1) -> None:
        """Take `cost` from a bucket that holds one, or refuse with the time until it does."""
        now = clock.now().timestamp()
        with self._lock:
            left, then = self._buckets.pop(key, (self._size, now))
            left = min(self._size, left + max(0.0, now - then) * self._per_second)
            self._buckets[key] = (left - cost if left >= 1 else left, now)
            if len(self._buckets) > _MOST_KEYS:
                self._buckets.popitem(last=False)
        if left < 1:
            wait = math.ceil((1 - left) / self._per_second)
            raise TooManyRequests(
                f"Too many requests: try again in {wait} seconds.", retry_after=wait
            )


class Gate:
    """The limits of the webhooks' doors."""

    def __init__(self, store: Bursts | None = None, forged: Bursts | None = None) -> None:
        self._store = store or Bursts(STORE_BURST, STORE_PER_SECOND)
        self._forged = forged or Bursts(FORGED_BURST, FORGED_PER_SECOND)

    def knock(self, caller: str) -> None:
        """Before the body is read: a stranger who has brought nothing true for too long waits."""
        self._forged.take(caller, cost=0)

    def forged(self, caller: str) -> None:
        """What was brought could not be believed."""
        self._forged.take(caller)

    def proven(self, store_id: UUID) -> None:
        """One more webhook of this store, or no room for it now."""
        self._store.take(str(store_id))
