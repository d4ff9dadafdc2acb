"""The shops' deliveries on their way to the app: who carries them, and what came of each."""

import hashlib
import json
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

import httpx

from app import clock
from app.commands.demo_world import World
from app.sandbox.shopify.deliveries import Parcel
from app.sandbox.woocommerce import Sent

BREATH = 0.05
POSTMEN = 3
"""Who carry Shopify's parcels side by side; WooCommerce's queue has one."""
ADDRESSED = ("email", "contact_email")
_PAID = {"processing", "completed"}


class Mode(Enum):
    """How the post works: as ever, not now, or into the river."""

    DELIVERS = "delivers"
    HOLDS = "holds"
    LOSES = "loses"


@dataclass(frozen=True, slots=True)
class Word:
    """What a delivery says of a person: that they have a cart, an order, or refuse a channel. The
    person's address, or the shop's domain and its key of them."""

    about: str
    who: str | tuple[str, int] | None
    channel: str = ""


@dataclass
class Tally:
    """What the shops' deliveries came to. `keys` are those that were taken, in their order."""

    keys: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    repeats: int = 0
    unanswered: int = 0
    lost: int = 0
    problems: list[str] = field(default_factory=list)


class Post:
    """Carries what the shops tell, in threads of its own, until `stop`.

    `hears` is called for everything that was taken the first time, with the moment.
    """

    def __init__(self, world: World, hears: Callable[[Word, datetime], None]) -> None:
        self.mode = Mode.DELIVERS
        self.tally = Tally()
        self._world, self._hears = world, hears
        self._carried = 0
        self._counting = threading.Lock()
        self._over = threading.Event()
        rounds = [*[self._shopify] * POSTMEN, self._woo, self._callbacks]
        self._threads = [
            threading.Thread(target=self._walk, args=(once,), daemon=True) for once in rounds
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=30)

    def quiet(self) -> bool:
        """Nothing waits and nothing is on its way."""
        shopify, woo = self._world.shopify, self._world.woo
        with shopify.lock, woo.lock:
            return not (shopify.office.waiting or woo.site.queue or self._carried)

    def woo_is_quiet(self) -> bool:
        """WooCommerce has tried to tell everything."""
        with self._world.woo.lock:
            return not self._world.woo.site.queue

    def triple_and_reverse(self) -> int:
        """Everything of Shopify's that waits will come three times, and all the last first."""
        shopify, woo = self._world.shopify, self._world.woo
        with shopify.lock, woo.lock:
            waiting = shopify.office.waiting
            waiting[:] = [parcel for parcel in reversed(waiting) for _ in range(3)]
            woo.site.queue.reverse()
            return len(waiting) + len(woo.site.queue)

    def _walk(self, once: Callable[[], int]) -> None:
        while not self._over.is_set():
            try:
                done = once()
            except Exception:  # A postman of ours who breaks is no fault of the app's.
                self.tally.problems.append(traceback.format_exc())
                return
            if not done:
                self._over.wait(BREATH)

    @contextmanager
    def _carrying(self) -> Iterator[None]:
        """Neither here nor there: what is on its way has left the shop and has not arrived."""
        with self._counting:
            self._carried += 1
        try:
            yield
        finally:
            with self._counting:
                self._carried -= 1

    def _callbacks(self) -> int:
        self._world.mail.pump()
        try:
            self._world.phones.pump()
        except httpx.HTTPError:
            self.tally.unanswered += 1
        return 0

    def _shopify(self) -> int:
        shopify = self._world.shopify
        if self.mode is Mode.DELIVERS:
            with self._carrying():
                posted = shopify.pump(most=1)
                for each in posted:
                    self._keep(each.taken, each.parcel.webhook_id, _told(each.parcel))
            return len(posted)
        if self.mode is Mode.LOSES:
            with shopify.lock:
                self.tally.lost += len(shopify.office.due())
        return 0

    def _woo(self) -> int:
        woo = self._world.woo
        if self.mode is Mode.DELIVERS:
            with self._carrying():
                sent = [each for each in woo.pump() if not each.is_ping]
                for each in sent:
                    taken = each.status is not None and 200 <= each.status < 300
                    self._keep(taken, _key(each), _said(each))
            woo.sent.clear()
            return len(sent)
        if self.mode is Mode.LOSES:
            with woo.lock:
                while woo.site.queue:
                    woo.site.next_event()
                    self.tally.lost += 1
        return 0

    def _keep(self, taken: bool, key: str, words: Iterator[Word]) -> None:
        with self._counting:
            if not taken:
                self.tally.unanswered += 1
                return
            if key in self.tally.taken:
                self.tally.repeats += 1
                return
            self.tally.taken.add(key)
            self.tally.keys.append(key)
            for word in words:
                self._hears(word, clock.now())


def _told(parcel: Parcel) -> Iterator[Word]:
    """The words in a delivery of Shopify's."""
    if "consent" in parcel.topic and b"unsubscribed" in parcel.body.lower():
        body = json.loads(parcel.body)
        channel = "email" if parcel.topic.startswith("customers_email") else "sms"
        # The topic for texts names the customer in another way.
        yield Word("refusal", (parcel.shop, body.get("customer_id") or body["id"]), channel)
    elif parcel.topic.startswith(("checkouts/", "orders/")):
        body = json.loads(parcel.body)
        about = "cart" if parcel.topic.startswith("checkouts/") else "order"
        yield Word(about, next((body[name] for name in ADDRESSED if body.get(name)), None))


def _said(sent: Sent) -> Iterator[Word]:
    """The words in a delivery of WooCommerce's."""
    body: dict[str, Any] = json.loads(sent.body)
    if sent.topic.startswith("action."):
        yield Word("cart", body["arg"]["email"])
    elif sent.topic.startswith("order.") and body.get("status") in _PAID:
        yield Word("order", body["billing"]["email"])
    elif sent.topic.startswith("customer.") and "email" in body:
        meta = {row["key"]: row["value"] for row in body["meta_data"]}
        for channel in ("email", "sms"):
            if meta.get(f"_comeback_consent_{channel}", "").startswith("unsubscribed"):
                yield Word("refusal", body["email"], channel)


def _key(sent: Sent) -> str:
    """What one delivery and its repeat have in common."""
    return f"{sent.topic}:{hashlib.sha256(sent.body).hexdigest()}"
