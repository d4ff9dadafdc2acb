"""The city the storm goes over: two shops, their providers, shoppers of whom it is known exactly
what each must get, and the deliveries of everything that happens to the app."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx

from app import clock, flows
from app.channels.klaviyo import KlaviyoSetup
from app.commands.demo_world import World
from app.config import Config
from app.flows.wishes import email_wishes
from app.inbox.sync import read_history
from app.models import Store
from app.platforms.shopify import tokens
from app.sandbox.shopify import SandboxShop
from app.sandbox.town import Resident, ShopifyFront, residents
from app.sandbox.town.fronts import GOODS, Sale
from app.stores.adapters import klaviyo_credentials, shopify_secret
from app.stores.connections import Connections
from app.stores.credentials import Secret
from app.stores.install import Newcomer, connect, save_channel
from app.tenancy import store_transaction

DOMAINS = ("calm-harbour.myshopify.com", "windy-corner.myshopify.com")
FLOWS = tuple(sorted((Path(__file__).parent / "flows").glob("*.yaml")))
BREATH = 0.05
# Caps and the arbiter have tests of their own; here nothing but a fault may keep a message waiting.
ROOM = {
    "cart_idle_minutes": 10,
    "postal_address": "1 Harbour Street, Whitby",
    "quiet_hours": {"opens": "08:00", "closes": "21:00"},
    "caps": dict.fromkeys(
        (
            *("email_per_day", "email_per_week", "sms_per_day", "sms_per_week", "sms_per_month"),
            *("whatsapp_per_day", "promotional_per_day"),
        ),
        20,
    ),
}


@dataclass(eq=False)
class Shopper:
    """One person, who does one thing. Of `due` each must arrive once; of the rest nothing may
    arrive after `shut_at`: the purchase, or the moment the app had the opt-out."""

    who: Resident
    front: ShopifyFront
    shop: SandboxShop
    deed: str
    visit: Any = None
    sale: Sale | None = None
    shut_at: datetime | None = None
    consents_left: int = 2

    @property
    def due(self) -> tuple[str, ...]:
        return {"leaves": ("cart",), "refuses": ()}.get(self.deed, ("order",))


@dataclass
class Post:
    """What the shops' deliveries came to."""

    taken: set[str] = field(default_factory=set)
    repeats: int = 0
    unanswered: int = 0
    refused: int = 0


class City:
    """Everything outside the app. `deliver` runs in a thread of its own until `stop`."""

    def __init__(self, seed: int, times: tuple[datetime, float, int]) -> None:
        self._times = times
        self.world = World()
        self.dice = Random(seed)
        self.shops: dict[UUID, tuple[ShopifyFront, SandboxShop]] = {}
        self.people: dict[str, Shopper] = {}
        self.keys: list[tuple[UUID, Secret]] = []
        self.post = Post()
        self.held = threading.Event()
        self._numbers = count(1)
        self._over = threading.Event()
        self._postman = threading.Thread(target=self._deliver, daemon=True)

    def start(self) -> None:
        self.world.start()

    def stop(self) -> None:
        self._over.set()
        if self._postman.is_alive():
            self._postman.join(timeout=30)
        self.world.stop()

    def spec_with(self, off: timedelta = timedelta()) -> str:
        """The city's clock for a process, or one that is `off`."""
        start, since, speed = self._times
        return f"{(start + off).isoformat()}@{since}x{speed}"

    def open(self, config: Config) -> None:
        """Both shops connected with both providers, and the storm's flows live."""
        self.world.shopify.hook_url = f"{config.public_url}/webhooks/shopify"
        for domain in DOMAINS:
            shop = self.world.shopify.add_shop(domain, "GBP", "Europe/London")
            front = ShopifyFront(self.world.shopify, shop)
            self.world.shopify.install(shop)
            pair = tokens.exchange(config, domain, self.world.shopify.id_token(shop))
            newcomer = Newcomer(
                platform="shopify",
                domain=domain,
                url=f"https://{domain}",
                secret=shopify_secret(pair),
            )
            store_id = connect(config, newcomer).store_id
            self.shops[store_id] = (front, shop)
            self._equip(config, store_id, domain)
        self._postman.start()

    def _equip(self, config: Config, store_id: UUID, name: str) -> None:
        email = Secret(kind="klaviyo", values={"private_key": f"pk_{store_id.hex}"})
        self.world.mail.add_account(name, private_key=email.values["private_key"])
        for secret in (email, self._texting(config, store_id, name)):
            save_channel(config, store_id, secret)
            self.keys.append((store_id, secret))
        connections = Connections(config)
        while read_history(store_id, connections):
            pass
        sources = [path.read_text(encoding="utf-8") for path in FLOWS]
        _set_up_mail(config, email, sources)
        with store_transaction(store_id) as session:
            store = session.get_one(Store, store_id)
            store.settings = ROOM
            for path, source in zip(FLOWS, sources, strict=True):
                flows.import_flow(session, store, source, clock.now())
                flows.activate(session, store, path.stem, clock.now(), None)

    def _texting(self, config: Config, store_id: UUID, name: str) -> Secret:
        account = self.world.phones.add_account()
        inbound = f"{config.public_url}/callbacks/twilio/{store_id}"
        service = self.world.phones.add_service(account, name=name, inbound_request_url=inbound)
        values = {
            "account_sid": account.sid,
            "auth_token": account.token,
            "messaging_service_sid": service.sid,
        }
        return Secret(kind="twilio", values=values)

    # What people do.

    def newcomer(self) -> Shopper:
        """Somebody new, who agrees to be written to and has a plan."""
        number = next(self._numbers)
        front, shop = list(self.shops.values())[number % len(self.shops)]
        who = replace(
            residents(1, ("en",), self.dice)[0],
            email=f"shopper{number}@storm.example",
            phone=f"+447400{number:06d}",
            opts_in_email=True,
            opts_in_sms=True,
        )
        deeds = ("leaves", "leaves", "leaves", "buys", "buys", "returns", "returns", "refuses")
        shopper = Shopper(who, front, shop, deeds[number // len(self.shops) % len(deeds)])
        self.people[who.email] = shopper
        return shopper

    def sign_up(self, people: Sequence[Shopper]) -> None:
        """A consent that comes after a reminder's moment refuses it, rightly; so it comes first."""
        with self.world.shopify.lock:
            for shopper in people:
                shopper.front.sign_up(shopper.who)

    def arrives(self, shopper: Shopper) -> None:
        with self.world.shopify.lock:
            shopper.visit = shopper.front.leave_cart(shopper.who, [self.dice.randrange(len(GOODS))])
            if shopper.deed == "buys":
                self._buys(shopper)

    def thinks_again(self, shopper: Shopper) -> None:
        """Some come back to buy about when the reminder is due, some have had enough."""
        with self.world.shopify.lock:
            if shopper.deed == "returns":
                self._buys(shopper)
            if shopper.deed == "refuses":
                customer = shopper.shop.find_customer(email=shopper.who.email)
                assert customer is not None
                for channel in ("email", "sms"):
                    shopper.shop.set_consent(customer, channel, "unsubscribed")

    def _buys(self, shopper: Shopper) -> None:
        assert shopper.front.buy(shopper.visit)
        shopper.sale = shopper.front.sales[-1]
        shopper.shut_at = shopper.sale.at

    # What the app is told.

    def triple_and_reverse(self) -> int:
        """Everything that waits will come three times, the last first; how many there were."""
        with self.world.shopify.lock:
            waiting = self.world.shopify.office.waiting
            waiting[:] = [parcel for parcel in reversed(waiting) for _ in range(3)]
            return len(waiting)

    def quiet(self) -> bool:
        with self.world.shopify.lock:
            return not self.world.shopify.office.waiting

    def _deliver(self) -> None:
        while not self._over.is_set():
            told = 0 if self.held.is_set() else self._deliver_one()
            self.world.mail.pump()
            try:
                self.world.phones.pump()
            except httpx.HTTPError:
                self.post.unanswered += 1
            if not told:
                self._over.wait(BREATH)

    def _deliver_one(self) -> int:
        posted = self.world.shopify.pump(most=1)
        for each in posted:
            if each.taken:
                self._taken(each.parcel)
            elif each.status is None:
                self.post.unanswered += 1
            else:
                self.post.refused += 1
        return len(posted)

    def _taken(self, parcel: Any) -> None:
        if parcel.webhook_id in self.post.taken:
            self.post.repeats += 1
            return
        self.post.taken.add(parcel.webhook_id)
        if "consent" in parcel.topic and b"unsubscribed" in parcel.body.lower():
            shopper = self._who_refused(parcel.body)
            shopper.consents_left -= 1
            if not shopper.consents_left:
                shopper.shut_at = clock.now()

    def _who_refused(self, body: bytes) -> Shopper:
        for shopper in self.people.values():
            if shopper.deed == "refuses" and shopper.visit is not None:
                customer = shopper.shop.find_customer(email=shopper.who.email)
                if customer is not None and str(customer.key).encode() in body:
                    return shopper
        raise LookupError("Nobody here has refused that.")

    # What people got.

    def arrived(self, shopper: Shopper) -> list[tuple[str, str, datetime]]:
        """(kind, channel, moment) of all that reached a person, from the providers' books."""
        mails = [
            ("cart" if mail.subject == "Your cart" else "order", "email", mail.at)
            for mail in self.world.mail.emails_to(shopper.who.email)
        ]
        with self.world.phones.lock:
            texts = [
                ("cart" if "cart" in text.body else "order", "sms", text.created_at)
                for text in self.world.phones.messages
                if text.number == shopper.who.phone
            ]
        return [*mails, *texts]

    def missing(self, shopper: Shopper) -> Counter[tuple[str, str]]:
        """What this person should have got by now and has not."""
        due = Counter((kind, channel) for kind in shopper.due for channel in ("email", "sms"))
        return due - Counter((kind, channel) for kind, channel, _ in self.arrived(shopper))


def _set_up_mail(config: Config, email: Secret, sources: list[str]) -> None:
    setup = KlaviyoSetup(klaviyo_credentials(email.values), config.klaviyo_endpoint)
    wishes = [w for source in sources for w in email_wishes(flows.validate_file(source)[0])]
    while setup.apply(wishes, "set-up@comeback.example").left:
        pass
    pieces = setup.plan(wishes).pieces
    setup.set_live([str(piece.provider_id) for piece in pieces if piece.kind == "flow"])


def seconds(speed: int, amount: float) -> timedelta:
    """So many of the machine's seconds, on the city's clock."""
    return timedelta(seconds=speed * amount)
