"""Opening the city: a Shopify shop that has installed the app, one with an app of its own, and a
WooCommerce shop; each with a mail account and a phone account, and the storm's flows live."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from app import clock, flows
from app.channels.klaviyo import KlaviyoSetup
from app.commands.demo_world import World
from app.config import Config
from app.flows.wishes import email_wishes
from app.inbox.sync import read_history
from app.models import Store
from app.platforms.shopify import tokens
from app.sandbox.shopify import SandboxShop
from app.sandbox.town import Front, ShopifyFront, WooFront
from app.stores.adapters import klaviyo_credentials, shopify_secret
from app.stores.connections import Connections
from app.stores.credentials import Secret
from app.stores.install import Newcomer, connect, save_channel
from app.tenancy import store_transaction

INSTALLED, OWN_APP = "calm-harbour.myshopify.com", "windy-corner.myshopify.com"
FLOWS = tuple(sorted((Path(__file__).parent / "flows").glob("*.yaml")))
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


def shops(config: Config, world: World) -> Iterator[tuple[UUID, Front]]:
    """Each shop, open and connected."""
    world.shopify.hook_url = f"{config.public_url}/webhooks/shopify"
    for domain in (INSTALLED, OWN_APP):
        shop = world.shopify.add_shop(domain, "GBP", "Europe/London")
        front: Front = ShopifyFront(world.shopify, shop)  # Its goods are there before we are.
        newcomer = Newcomer(
            platform="shopify",
            domain=domain,
            url=f"https://{domain}",
            secret=_joins(config, world, shop),
            webhook_secret=shop.secret if domain == OWN_APP else None,
        )
        yield connect(config, newcomer).store_id, front
    front, key = WooFront(world.woo), world.woo.key
    secret = {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    newcomer = Newcomer(
        platform="woocommerce",
        domain=world.woo.url.partition("://")[2],
        url=world.woo.url,
        secret=Secret(kind="shop", values=secret),
    )
    yield connect(config, newcomer).store_id, front


def _joins(config: Config, world: World, shop: SandboxShop) -> Secret:
    if shop.domain == INSTALLED:
        world.shopify.install(shop)
        pair = tokens.exchange(config, shop.domain, world.shopify.id_token(shop))
        return shopify_secret(pair)
    world.shopify.custom_app(shop, "shpat_windy_corner", "a secret of the merchant's own app")
    return Secret(kind="shop", values={"access_token": "shpat_windy_corner"})


def equip(config: Config, world: World, store_id: UUID, name: str) -> list[tuple[UUID, Secret]]:
    """Both providers, the history read, the flows live; the providers' keys."""
    email = Secret(kind="klaviyo", values={"private_key": f"pk_{store_id.hex}"})
    world.mail.add_account(name, private_key=email.values["private_key"])
    texts = _texting(config, world, store_id, name)
    for secret in (email, texts):
        save_channel(config, store_id, secret)
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
    return [(store_id, email), (store_id, texts)]


def _texting(config: Config, world: World, store_id: UUID, name: str) -> Secret:
    account = world.phones.add_account()
    inbound = f"{config.public_url}/callbacks/twilio/{store_id}"
    service = world.phones.add_service(account, name=name, inbound_request_url=inbound)
    values = {
        "account_sid": account.sid,
        "auth_token": account.token,
        "messaging_service_sid": service.sid,
    }
    return Secret(kind="twilio", values=values)


def _set_up_mail(config: Config, email: Secret, sources: list[str]) -> None:
    setup = KlaviyoSetup(klaviyo_credentials(email.values), config.klaviyo_endpoint)
    wishes = [w for source in sources for w in email_wishes(flows.validate_file(source)[0])]
    while setup.apply(wishes, "set-up@comeback.example").left:
        pass
    pieces = setup.plan(wishes).pieces
    setup.set_live([str(piece.provider_id) for piece in pieces if piece.kind == "flow"])
