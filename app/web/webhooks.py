"""The doors for shops. Name the store, prove the raw bytes, keep them, answer. Nothing is parsed.

Shopify names its shop in a header; WooCommerce and a shop's own software call an address that
carries our store's id. Either is only a claim until the signature holds.

In front of Flask and in the server's own event loop, because Flask and a thread for each request
cost several times what is done here (docs/decisions/0007-intake-in-front-of-flask.md). So nothing
here may wait for anything but through `await`.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from werkzeug.exceptions import (
    ClientDisconnected,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from app import clock, metrics
from app.config import Config
from app.errors import BadSignature, Unreachable
from app.inbox.receive import Keeper, Kept
from app.platforms import Delivery, Reader, Verified
from app.platforms.acts import TOPIC
from app.stores.directory import Directory, Named
from app.stores.lasting import secret_for
from app.stores.platforms import ACTS, PLATFORMS, is_ping
from app.stores.remembered import Remembered
from app.web.asgi import AsgiApp, Receive, Scope, Send
from app.web.bursts import Gate, stranger
from app.web.refusals import answer

SHOPIFY, WOOCOMMERCE = "/webhooks/shopify", "/webhooks/woocommerce/"
OWN = "/webhooks/acts/"
ADDRESSES = (SHOPIFY, f"{WOOCOMMERCE}<store>", f"{OWN}<store>")
FRESH = timedelta(minutes=5)
"""How far off the moment may be that is signed with acts."""

_SHOPIFY_DOMAIN = ("x-shopify-shop-domain", "shopify-shop-domain")


class WebhookDoors:
    """Takes what shops post; whatever else is asked for goes on to `behind`."""

    def __init__(self, behind: AsgiApp, config: Config, directory: Directory) -> None:
        self._behind, self._config, self._directory = behind, config, directory
        self._keeper = Keeper()
        told = partial(secret_for, config.keys, purpose=ACTS.name)
        self._secrets_for_acts = Remembered[UUID, str](told)
        self.gate = Gate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path != SHOPIFY and not path.startswith((WOOCOMMERCE, OWN)):
            await self._behind(scope, receive, send)
            return
        try:
            await self._take(scope, receive)
        except Exception as error:  # Every refusal is one sentence; none is a traceback.
            await answer(send, error)
        else:
            await answer(send)

    async def _take(self, scope: Scope, receive: Receive) -> None:
        if scope["method"] != "POST":
            raise MethodNotAllowed(["POST"])
        path, headers = scope["path"], _headers(scope)
        caller = stranger(scope, headers, self._config.trusted_proxies)
        self.gate.knock(caller)
        body = await _body(receive, headers, self._config.max_webhook_bytes)
        delivery = Delivery(headers=headers, body=body)
        try:
            if path == SHOPIFY:
                await self._shopify(delivery)
            elif path.startswith(OWN):
                await self._acts(delivery, path.removeprefix(OWN))
            else:
                await self._woocommerce(delivery, path.removeprefix(WOOCOMMERCE))
        except (BadSignature, NotFound):
            self.gate.forged(caller)
            raise

    async def _shopify(self, delivery: Delivery) -> None:
        """All topics of all Shopify shops; the app's own secret proves them."""
        domain = next((delivery.headers[h] for h in _SHOPIFY_DOMAIN if h in delivery.headers), "")
        named = await self._directory.by_domain("shopify", domain)
        # A merchant's own custom app signs with a secret of its own; all others with ours.
        own = await self._directory.webhook_secrets(named.store_id) if named else ()
        secrets = (*self._config.shopify_secrets, *own)
        verified = _verify(PLATFORMS["shopify"], delivery, secrets)
        await self._keep(named, delivery, verified)

    async def _woocommerce(self, delivery: Delivery, store: str) -> None:
        """All topics of one WooCommerce shop; the secret we gave it proves them."""
        named = await self._directory.by_id("woocommerce", _id(store))
        if named is None:
            raise NotFound
        if is_ping(delivery):
            return
        secrets = await self._directory.webhook_secrets(named.store_id)
        await self._keep(named, delivery, _verify(PLATFORMS["woocommerce"], delivery, secrets))

    async def _acts(self, delivery: Delivery, store: str) -> None:
        """What a shop's own software tells; the secret that `comeback store show` tells proves it,
        for a few minutes."""
        named = await self._directory.by_id(None, _id(store))
        if named is None:
            raise NotFound
        secret = await self._secrets_for_acts.soon(named.store_id) or ""
        await self._keep(named, delivery, _verify(ACTS, delivery, (secret,)))

    async def _keep(self, named: Named | None, delivery: Delivery, verified: Verified) -> None:
        if named is None:
            raise NotFound("No store of this name is connected.")
        self.gate.proven(named.store_id)
        webhook = Kept(
            store_id=named.store_id,
            webhook_key=verified.webhook_key,
            topic=verified.topic,
            body=delivery.body,
            triggered_at=verified.triggered_at,
        )
        try:
            new = await self._keeper.keep(webhook)
        except Unreachable:
            metrics.WEBHOOKS.labels(named.platform, "unkept").inc()
            raise
        metrics.WEBHOOKS.labels(named.platform, "new" if new else "repeat").inc()


def _headers(scope: Scope) -> dict[str, str]:
    """By lower-case name; one that is sent twice is one list (RFC 9110, 5.3)."""
    headers = dict[str, str]()
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _body(receive: Receive, headers: Mapping[str, str], most: int) -> bytes:
    """The bytes as they came. Raises RequestEntityTooLarge, unread where the length is told."""
    told = headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise RequestEntityTooLarge
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        pieces.append(message.get("body", b""))
        size, more = size + len(pieces[-1]), message.get("more_body", False)
        if size > most:
            raise RequestEntityTooLarge
    return b"".join(pieces)


def _verify(platform: Reader, delivery: Delivery, secrets: tuple[str, ...]) -> Verified:
    try:
        verified = platform.verify(delivery, secrets)
        _believe(platform, verified)
    except BadSignature:
        metrics.WEBHOOKS.labels(platform.name, "refused").inc()
        raise
    return verified


def _believe(platform: Reader, verified: Verified) -> None:
    """What a signature does not prove by itself. Raises BadSignature."""
    if platform is not ACTS:
        if verified.topic == TOPIC:  # A shop's topic is signed by nobody.
            raise BadSignature("Acts have a door of their own.")
    elif verified.triggered_at is None or abs(clock.now() - verified.triggered_at) > FRESH:
        raise BadSignature("The moment in Comeback-Signature is more than five minutes off.")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
