"""From a row and its opened credential to the object that talks to the world.

The one place that knows which vendor's names stand in a credential:

- shop, Shopify: access_token, refresh_token and scope of an install, or access_token alone for a
  merchant's own custom app; WooCommerce: consumer_key, consumer_secret
- klaviyo: private_key, or access_token and refresh_token
- klaviyo_webhook: made and given, the secrets that prove its callbacks, see `pushing`
- twilio: account_sid, auth_token, messaging_service_sid, whatsapp (the sender) if there is one
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache

from app import clock
from app.channels import Channel
from app.channels.klaviyo import Klaviyo, KlaviyoCredentials, oauth
from app.channels.twilio import Twilio, TwilioCredentials
from app.config import Config
from app.platforms import Shop, ShopFacts
from app.platforms.shopify import tokens
from app.platforms.shopify.graphql import GraphQL
from app.platforms.shopify.shop import ShopifyShop
from app.platforms.shopify.transport import Transport
from app.platforms.woocommerce.client import Access
from app.platforms.woocommerce.shop import WooCommerceShop
from app.stores.credentials import Secret
from app.stores.refresh import Refresher

KLAVIYO_UNUSED = timedelta(days=90)
Values = Mapping[str, str]


def open_shop(config: Config, platform: str, url: str, facts: ShopFacts, values: Values) -> Shop:
    """The live half of a store's platform."""
    return _SHOPS[platform](config, url, facts, values)


def open_channel(
    config: Config, kind: str, values: Values, callback_secrets: Sequence[str] = ()
) -> Channel:
    """The store's account at a provider. Twilio proves its callbacks with the account itself."""
    return _CHANNELS[kind](config, values, callback_secrets)


def _shopify(config: Config, _: str, facts: ShopFacts, values: Values) -> Shop:
    api = GraphQL(_shopify_transport(config.shopify_endpoint))
    own_app = "refresh_token" not in values
    return ShopifyShop(facts.domain, values["access_token"], api, own_app=own_app)


@cache
def _shopify_transport(endpoint: str | None) -> Transport:
    # One connection pool for all shops of the process.
    return Transport(endpoint)


def _woocommerce(config: Config, url: str, facts: ShopFacts, values: Values) -> Shop:
    access = Access(
        url=url,
        consumer_key=values["consumer_key"],
        consumer_secret=values["consumer_secret"],
        allow_private=config.allow_private_addresses,
    )
    return WooCommerceShop(access, facts)


def _klaviyo(config: Config, values: Values, secrets: Sequence[str]) -> Channel:
    return Klaviyo(klaviyo_credentials(values, secrets), config.klaviyo_endpoint)


def klaviyo_credentials(values: Values, secrets: Sequence[str] = ()) -> KlaviyoCredentials:
    """What the set-up step needs as well as the channel."""
    return KlaviyoCredentials(
        private_key=values.get("private_key"),
        access_token=values.get("access_token"),
        webhook_secrets=tuple(secrets),
    )


def _twilio(config: Config, values: Values, _: Sequence[str]) -> Channel:
    credentials = TwilioCredentials(
        account_sid=values["account_sid"],
        auth_token=values["auth_token"],
        messaging_service_sid=values["messaging_service_sid"],
        whatsapp_sender=values.get("whatsapp"),
    )
    return Twilio(credentials, config.twilio_endpoint)


def shopify_secret(pair: tokens.TokenPair) -> Secret:
    """A pair as it is kept."""
    values = {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "scope": pair.scope,
    }
    return Secret(
        kind="shop",
        values=values,
        expires_at=pair.expires_at,
        refresh_expires_at=pair.refresh_expires_at,
    )


def _refresh_shopify(config: Config, domain: str, old: Secret) -> Secret:
    assert old.expires_at and old.refresh_expires_at, "only an expiring pair is refreshed"
    pair = tokens.TokenPair(
        access_token=old.values["access_token"],
        refresh_token=old.values["refresh_token"],
        scope=old.values.get("scope", ""),
        expires_at=old.expires_at,
        refresh_expires_at=old.refresh_expires_at,
    )
    return shopify_secret(tokens.refresh(config, domain, pair))


def klaviyo_secret(given: oauth.Tokens) -> Secret:
    """Klaviyo's tokens as they are kept."""
    return Secret(
        kind="klaviyo",
        values={"access_token": given.access_token, "refresh_token": given.refresh_token},
        expires_at=given.expires_at,
        refresh_expires_at=clock.now() + KLAVIYO_UNUSED,
    )


def _refresh_klaviyo(config: Config, _: str, old: Secret) -> Secret:
    return klaviyo_secret(oauth.refresh(config, old.values["refresh_token"]))


_SHOPS: dict[str, Callable[[Config, str, ShopFacts, Values], Shop]] = {
    "shopify": _shopify,
    "woocommerce": _woocommerce,
}
_CHANNELS: dict[str, Callable[[Config, Values, Sequence[str]], Channel]] = {
    "klaviyo": _klaviyo,
    "twilio": _twilio,
}
REFRESHERS: dict[str, Refresher] = {"shop": _refresh_shopify, "klaviyo": _refresh_klaviyo}
