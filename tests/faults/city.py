"""The city the storm goes over: three shops, their providers, shoppers of whom it is known exactly
what each must get, and the deliveries of everything that happens to the app."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, islice
from random import Random
from uuid import UUID

from app import clock
from app.commands.demo_world import World
from app.config import Config
from app.sandbox.town import Front, ShopifyFront, residents
from app.sandbox.town.fronts import GOODS
from app.stores.credentials import Secret
from tests.faults import opening
from tests.faults.books import Arrival, Books
from tests.faults.desk import Desk
from tests.faults.post import Post, Word
from tests.faults.shoppers import CHANNELS, DEEDS, Shopper

FIRST_MORNING = datetime.fromisoformat("2026-03-02T10:15:00+00:00")


class City:
    """Everything outside the app, on a clock `speed` times as fast as the machine's."""

    def __init__(self, seed: int, since: float, speed: int, shops: int) -> None:
        self._shops = shops
        self.morning, self._since, self._speed = FIRST_MORNING, since, speed
        self.world, self.desk = World(), Desk()
        self.dice = Random(seed)
        self.fronts: dict[UUID, Front] = {}
        self.people: dict[str, Shopper] = {}
        self.keys: list[tuple[UUID, Secret]] = []
        self.books = Books(self.world.mail, self.world.phones)
        self.post = Post(self.world, self._hear)
        self.strays: set[str] = set()
        """Codes nobody was shown: of scenes that have been counted, or of a mail that was given up
        after its answer was lost, since it may be out all the same."""
        self._customers: dict[tuple[str, int], Shopper] = {}
        self._numbers = count(1)

    def start(self) -> None:
        self.world.start()
        self.desk.start()
        self.world.phones.open_consent_list()

    def stop(self) -> None:
        self.post.stop()
        self.world.stop()
        self.desk.stop()

    def settings(self) -> dict[str, str]:
        """What the app must know of the world."""
        return {**self.world.settings(""), **self.desk.settings(), "CLOCK": self.clock()}

    def clock(self, off: timedelta = timedelta()) -> str:
        """The city's clock for a process, or one that is `off`."""
        return f"{(self.morning + off).isoformat()}@{self._since}x{self._speed}"

    def pass_time(self, time: timedelta) -> None:
        """Suddenly it is so much later. Who is not told of it lives in the past."""
        self.morning += time
        clock.use(clock.accelerated(self.clock()))

    def open(self, config: Config) -> None:
        """Every shop connected with both providers, and the storm's flows live."""
        for store_id, front in islice(opening.shops(config, self.world), self._shops):
            self.fronts[store_id] = front
            self.keys += opening.equip(config, self.world, store_id, front.name)

    def forget_traffic(self) -> None:
        """What the services have written down of every request is not needed any more."""
        self.world.mail.journal.clear()
        for service in (self.world.mail, self.world.phones, self.world.shopify, self.world.woo):
            with service.lock:
                service.requests.clear()

    # What people do.

    def newcomer(self) -> Shopper:
        """Somebody new, who agrees to be written to and has a plan."""
        number = next(self._numbers)
        store_id, front = list(self.fronts.items())[number % len(self.fronts)]
        who = replace(
            residents(1, ("en",), self.dice)[0],
            email=f"shopper{number}@storm.example",
            phone=f"+447400{number:06d}",
            opts_in_email=True,
            opts_in_sms=True,
        )
        shopper = Shopper(who, store_id, front, DEEDS[number // len(self.fronts) % len(DEEDS)])
        self.people[who.email] = shopper
        return shopper

    def sign_up(self, people: Sequence[Shopper]) -> None:
        """A consent that comes after a reminder's moment refuses it, rightly; so it comes first."""
        for shopper in people:
            with self.world.shopify.lock:
                shopper.front.sign_up(shopper.who)
                if isinstance(shopper.front, ShopifyFront):
                    self._customers[shopper.front.key_of(shopper.who)] = shopper

    def arrives(self, shopper: Shopper) -> None:
        with self.world.shopify.lock:
            basket = [self.dice.randrange(len(GOODS))]
            shopper.visit = shopper.front.leave_cart(shopper.who, basket)
        if shopper.deed == "buys":
            self.buys(shopper)

    def thinks_again(self, shopper: Shopper) -> None:
        """Some come back to buy about when the reminder is due, some have had enough."""
        if shopper.deed == "returns" and not shopper.hesitates:
            self.buys(shopper)
        if shopper.deed == "refuses":
            with self.world.shopify.lock:
                shopper.front.refuse(shopper.who)

    def buys(self, shopper: Shopper) -> None:
        """Once, however often they mean to."""
        with self.world.shopify.lock:
            if shopper.sale is None:
                assert shopper.front.buy(shopper.visit)
                shopper.sale = shopper.front.sales[-1]
                shopper.shut_at = shopper.sale.at

    def _hear(self, word: Word, at: datetime) -> None:
        """The app has taken what a shop says of somebody."""
        if isinstance(word.who, tuple):
            shopper = self._customers.get(word.who)
        else:
            shopper = self.people.get(word.who or "")
        if shopper is None:
            return
        if word.about != "refusal":
            shopper.told.setdefault(word.about, at)
        elif shopper.deed == "refuses":
            shopper.refused.add(word.channel)
            if shopper.shut_at is None and shopper.refused.issuperset(CHANNELS):
                shopper.shut_at = at

    # What people got.

    def codes(self) -> set[str]:
        """The codes that the shops have made and not taken back."""
        with self.world.shopify.lock:
            shops = self.world.shopify.shops.values()
            found = {discount.code for shop in shops for discount in shop.discounts}
        with self.world.woo.lock:
            coupons = self.world.woo.site.coupons.values()
            return found | {coupon.code.upper() for coupon in coupons}

    def untold_refusals(self, people: Sequence[Shopper]) -> int:
        """Opt-outs that the app knows and a provider does not."""
        told = {item["contact_id"] for item in self.world.phones.books.consents or ()}
        accounts = list(self.world.mail.by_key.values())
        for account in accounts:
            told |= {str(p.email) for p in account.profiles.values() if p.suppressions}
        known = [who.who for who in people if who.deed == "refuses" and who.shut_at]
        return sum(name not in told for who in known for name in (who.email, who.phone))

    def arrived(self, shopper: Shopper) -> list[Arrival]:
        return self.books.arrived(shopper)

    def missing(self, shopper: Shopper) -> Counter[tuple[str, str]]:
        """What this person should have got by now and has not."""
        due = Counter((kind, channel) for kind in shopper.due for channel in CHANNELS)
        return due - Counter((each.kind, each.channel) for each in self.arrived(shopper))


def seconds(speed: int, amount: float) -> timedelta:
    """So many of the machine's seconds, on the city's clock."""
    return timedelta(seconds=speed * amount)
