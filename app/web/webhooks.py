"""The door for shops. Name the store, prove the raw bytes, keep them, answer. Nothing is parsed.

Shopify names its shop in a header; WooCommerce calls an address that carries our store's id. Either
is only a claim until the signature holds.

Plain WSGI in front of Flask, because Flask's part of a request cost twice what is done here
(docs/decisions/0007-intake-in-front-of-flask.md).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wsgi import get_input_stream

from app import metrics
from app.config import Config
from app.errors import BadSignature, Unreachable
from app.inbox.receive import Keeper, Kept
from app.platforms import Delivery, Verified
from app.stores.directory import Directory, Named
from app.stores.platforms import PLATFORMS, is_ping
from app.web.bursts import Gate, stranger
from app.web.refusals import answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHOPIFY, WOOCOMMERCE = "/webhooks/shopify", "/webhooks/woocommerce/"
ADDRESSES = (SHOPIFY, f"{WOOCOMMERCE}<store>")

_SHOPIFY_DOMAIN = ("x-shopify-shop-domain", "shopify-shop-domain")


class WebhookDoors:
    """Takes what shops post; whatever else is asked for goes on to `behind`."""

    def __init__(self, behind: "WSGIApplication", config: Config, directory: Directory) -> None:
        self._behind, self._config, self._directory = behind, config, directory
        self._keeper = Keeper()
        self.gate = Gate()

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path != SHOPIFY and not path.startswith(WOOCOMMERCE):
            return self._behind(environ, start)
        try:
            self._take(path, environ)
        except Exception as error:  # Every refusal is one sentence; none is a traceback.
            return answer(start, error)
        return answer(start)

    def _take(self, path: str, environ: "WSGIEnvironment") -> None:
        if environ["REQUEST_METHOD"] != "POST":
            raise MethodNotAllowed(["POST"])
        caller = stranger(environ, self._config.trusted_proxies)
        self.gate.knock(caller)
        delivery = _delivery(environ, self._config.max_webhook_bytes)
        try:
            if path == SHOPIFY:
                self._shopify(delivery)
            else:
                self._woocommerce(delivery, path.removeprefix(WOOCOMMERCE))
        except (BadSignature, NotFound):
            self.gate.forged(caller)
            raise

    def _shopify(self, delivery: Delivery) -> None:
        """All topics of all Shopify shops; the app's own secret proves them."""
        domain = next((delivery.headers[h] for h in _SHOPIFY_DOMAIN if h in delivery.headers), "")
        named = self._directory.by_domain("shopify", domain)
        # A merchant's own custom app signs with a secret of its own; all others with ours.
        own = self._directory.webhook_secrets(named.store_id) if named else ()
        self._keep(
            named, delivery, _verify("shopify", delivery, (*self._config.shopify_secrets, *own))
        )

    def _woocommerce(self, delivery: Delivery, store: str) -> None:
        """All topics of one WooCommerce shop; the secret we gave it proves them."""
        named = self._directory.by_id("woocommerce", _id(store))
        if named is None:
            raise NotFound
        if is_ping(delivery):
            return
        secrets = self._directory.webhook_secrets(named.store_id)
        self._keep(named, delivery, _verify("woocommerce", delivery, secrets))

    def _keep(self, named: Named | None, delivery: Delivery, verified: Verified) -> None:
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
            new = self._keeper.keep(webhook)
        except Unreachable:
            metrics.WEBHOOKS.labels(named.platform, "unkept").inc()
            raise
        metrics.WEBHOOKS.labels(named.platform, "new" if new else "repeat").inc()


def _delivery(environ: "WSGIEnvironment", most: int) -> Delivery:
    """The request as it arrived. A body over `most` bytes is refused before it is read."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return Delivery(headers=headers, body=_body(environ, most))


def _body(environ: "WSGIEnvironment", most: int) -> bytes:
    length = environ.get("CONTENT_LENGTH", "")
    if length.isdecimal() and int(length) <= most:
        # One read; what is cut short does not match its signature.
        body: bytes = environ["wsgi.input"].read(int(length))
        return body
    return get_input_stream(environ, max_content_length=most).read()


def _verify(platform: str, delivery: Delivery, secrets: tuple[str, ...]) -> Verified:
    try:
        return PLATFORMS[platform].verify(delivery, secrets)
    except BadSignature:
        metrics.WEBHOOKS.labels(platform, "refused").inc()
        raise


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
