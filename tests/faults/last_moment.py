"""Purchases at the very moments between the last look at the shop and the provider's book.

Three moments: the shop is asked for orders (it must stop the reminder), the shop has answered, and
the provider has the call in hand (too late for anybody).
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request

from tests.faults.city import City
from tests.faults.shoppers import Shopper

ASKED, ANSWERED, CALLED = MOMENTS = ("asked", "answered", "called")
_PERSON = re.compile(r"shopper\d+@storm\.example|\+447400\d{6}")


class LastMoment:
    """Inside, who leaves a cart buys when the app comes to look, each at a moment of their own."""

    def __init__(self, city: City, people: Sequence[Shopper]) -> None:
        self._city = city
        self.struck: Counter[str] = Counter()
        self._waiting: dict[str, tuple[Shopper, str]] = {}
        self._lock = threading.Lock()
        for number, who in enumerate(people):
            if who.deed in {"leaves", "returns"}:
                who.deed, who.hesitates = "returns", True
                for name in (who.who.email, who.who.phone):
                    self._waiting[name] = (who, MOMENTS[number % len(MOMENTS)])

    @property
    def waiting(self) -> list[Shopper]:
        """Those of whom nobody has asked yet."""
        with self._lock:
            return [who for name, (who, _) in self._waiting.items() if "@" in name]

    def told(self) -> str:
        """How often at which moment, in words."""
        words = {
            ASKED: "when the shop was asked",
            ANSWERED: "when it had answered",
            CALLED: "when the provider had the call",
        }
        return ", ".join(f"{self.struck[moment]} {words[moment]}" for moment in MOMENTS)

    def __enter__(self) -> "LastMoment":
        world = self._city.world
        world.shopify.overheard = world.woo.overheard = self._at_the_shop
        world.mail.overheard = world.phones.overheard = self._at_the_provider
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        world = self._city.world
        for service in (world.shopify, world.woo, world.mail, world.phones):
            service.overheard = lambda request, answered: None

    def _at_the_shop(self, request: Request, answered: bool) -> None:
        body = request.get_data()
        looks = request.method == "GET" and "/orders" in request.path
        if looks or b"FindOrders" in body:
            query = unquote_plus(request.query_string.decode())
            self._buy(query + body.decode(), ANSWERED if answered else ASKED)

    def _at_the_provider(self, request: Request, answered: bool) -> None:
        if request.method == "POST" and not answered:
            self._buy(unquote_plus(request.get_data(as_text=True)), CALLED)

    def _buy(self, text: str, moment: str) -> None:
        for name in _PERSON.findall(text):
            with self._lock:
                who, own = self._waiting.get(name, (None, ""))
                if who is None or own != moment:
                    continue
                for known in (who.who.email, who.who.phone):
                    self._waiting.pop(known, None)
                self.struck[moment] += 1
            who.grace = moment != ASKED
            self._city.buys(who)
