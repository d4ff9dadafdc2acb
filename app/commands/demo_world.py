"""The demo's world: two shops, two providers, a town of shoppers, and the app connected to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib import resources
from random import Random
from uuid import UUID

import httpx

from app import clock, flows
from app.channels.klaviyo import KlaviyoSetup
from app.config import Config
from app.flows.wishes import email_wishes
from app.inbox.silent_mail import look_for_silence
from app.inbox.sync import read_history
from app.models import Store
from app.platforms.shopify import tokens
from app.sandbox.klaviyo import KlaviyoWorld
from app.sandbox.mailbox import Mailbox
from app.sandbox.shopify import ShopifyWorld
from app.sandbox.town import Crowd, Front, Resident, ShopifyFront, WooFront, residents
from app.sandbox.town.fronts import GOODS
from app.sandbox.town.letters import Letters
from app.sandbox.twilio import TwilioWorld
from app.sandbox.woocommerce import Settings, WooWorld
from app.stores.adapters import klaviyo_credentials, shopify_secret
from app.stores.connections import Connections
from app.stores.credentials import Secret
from app.stores.install import Newcomer, connect, save_channel
from app.tenancy import store_transaction

SHOPIFY_DOMAIN = "northwind-botanics.myshopify.com"
PAST = timedelta(days=75)
SETTINGS = {
    "refusal_offered_at_checkout": True,
    "sms_price_minor": {"GB": 4, "IT": 7, "ES": 8, "BR": 6},
    "offers": {"month_minor": 100_000},
}
PRESETS = tuple(
    sorted(
        entry.name.removesuffix(".yaml")
        for entry in resources.files("app.flows.presets").iterdir()
        if entry.name.endswith(".yaml")
    )
)


class World:
    """Everything outside the app, on loopback."""

    def __init__(self) -> None:
        self.shopify = ShopifyWorld()
        self.woo = WooWorld(Settings(timezone="Europe/Rome"))
        self.mail, self.phones = KlaviyoWorld(), TwilioWorld()
        self.mailbox = Mailbox(self.mail, self.phones)
        self.letters = Letters(self.mail, self.phones, httpx.Client(timeout=10.0))
        self.fronts: dict[UUID, Front] = {}
        self.crowds: list[Crowd] = []

    def start(self) -> None:
        """Start the four services and the page of mailboxes."""
        for service in (self.shopify, self.woo, self.mail, self.phones, self.mailbox):
            service.start()

    def stop(self) -> None:
        for service in (self.shopify, self.woo, self.mail, self.phones, self.mailbox):
            service.stop()

    def settings(self, public_url: str) -> Mapping[str, str]:
        """The environment that makes the app talk to this world."""
        return {
            "SHOPIFY_ENDPOINT": self.shopify.url,
            "SHOPIFY_API_KEY": self.shopify.api_key,
            "SHOPIFY_API_SECRET": self.shopify.api_secret,
            "KLAVIYO_ENDPOINT": self.mail.url,
            "TWILIO_ENDPOINT": self.phones.url,
            "ALLOW_PRIVATE_ADDRESSES": "true",
            "PUBLIC_URL": public_url,
        }

    def pump(self) -> int:
        """Deliver what the world has to tell the app; returns how many requests that took."""
        done = sum(front.pump() for front in self.fronts.values())
        self.mail.pump()
        return done + len(self.phones.pump())

    def populate(self, config: Config, people: int, dice: Random) -> None:
        """Open both shops with a past, connect them, and let people move in."""
        letters = self.letters
        shop = self.shopify.add_shop(SHOPIFY_DOMAIN, "GBP", "Europe/London")
        fronts: list[tuple[Front, tuple[str, ...]]] = [
            (ShopifyFront(self.shopify, shop), ("en", "es")),
            (WooFront(self.woo), ("it", "pt-BR")),
        ]
        for front, locales in fronts:
            crowd = residents(people, locales, dice)
            _give_a_past(front, residents(people // 2, locales, dice), dice)
            self.crowds.append(Crowd(front, crowd, letters, dice))
        self.shopify.hook_url = f"{config.public_url}/webhooks/shopify"
        self.shopify.install(shop)
        # The token's usual minute is over in a blink of the demo's clock.
        token = self.shopify.id_token(shop, seconds=86_400)
        self._join(config, _shopify_newcomer(config, token), fronts[0][0])
        self._join(config, _woo_newcomer(self.woo), fronts[1][0])

    def _join(self, config: Config, newcomer: Newcomer, front: Front) -> None:
        """Connect a shop and its providers, read its past, and set the flows going."""
        store_id = connect(config, newcomer).store_id
        self.fronts[store_id] = front
        self._give_channels(config, store_id, front.name)
        connections = Connections(config)
        while read_history(store_id, connections):
            pass
        with store_transaction(store_id) as session:
            store = session.get_one(Store, store_id)
            store.settings = SETTINGS | {"sender_name": front.name, "postal_address": front.address}
            for preset in PRESETS:
                flows.import_flow(session, store, preset_source(preset), clock.now())
                flows.activate(session, store, preset, clock.now(), timedelta(days=3))
        look_for_silence(store_id, connections)

    def _give_channels(self, config: Config, store_id: UUID, name: str) -> None:
        key = f"pk_{store_id.hex}"
        self.mail.add_account(name, private_key=key)
        email = Secret(kind="klaviyo", values={"private_key": key})
        save_channel(config, store_id, email)
        account = self.phones.add_account()
        inbound = f"{config.public_url}/callbacks/twilio/{store_id}"
        service = self.phones.add_service(account, name=name, inbound_request_url=inbound)
        texts = {
            "account_sid": account.sid,
            "auth_token": account.token,
            "messaging_service_sid": service.sid,
        }
        save_channel(config, store_id, Secret(kind="twilio", values=texts))
        _set_up_mail(config, email.values)


def _shopify_newcomer(config: Config, id_token: str) -> Newcomer:
    pair = tokens.exchange(config, SHOPIFY_DOMAIN, id_token)
    return Newcomer(
        platform="shopify",
        domain=SHOPIFY_DOMAIN,
        url=f"https://{SHOPIFY_DOMAIN}",
        secret=shopify_secret(pair),
    )


def _woo_newcomer(woo: WooWorld) -> Newcomer:
    keys = {"consumer_key": woo.key.consumer_key, "consumer_secret": woo.key.consumer_secret}
    return Newcomer(
        platform="woocommerce",
        domain=woo.url.partition("://")[2],
        url=woo.url,
        secret=Secret(kind="shop", values=keys),
    )


def _set_up_mail(config: Config, values: Mapping[str, str]) -> None:
    setup = KlaviyoSetup(klaviyo_credentials(values), config.klaviyo_endpoint)
    wishes = [
        wish
        for preset in PRESETS
        for wish in email_wishes(flows.validate_file(preset_source(preset))[0])
    ]
    left = True
    while left:
        left = bool(setup.apply(wishes, "set-up@comeback.example").left)
    pieces = setup.plan(wishes).pieces
    setup.set_live([str(piece.provider_id) for piece in pieces if piece.kind == "flow"])


def preset_source(name: str) -> str:
    """The file of a preset."""
    return (resources.files("app.flows.presets") / f"{name}.yaml").read_text(encoding="utf-8")


def _give_a_past(front: Front, people: Sequence[Resident], dice: Random) -> None:
    for who in people:
        at = clock.now() - PAST * dice.random()
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            front.remember(who, [dice.randrange(len(GOODS))], at)
            at = min(at + timedelta(days=dice.uniform(5, 30)), _yesterday())


def _yesterday() -> datetime:
    return clock.now() - timedelta(days=1)
