"""The door for shops. Name the store, prove the raw bytes, keep them, answer. Nothing is parsed.

Shopify names its shop in a header; WooCommerce calls an address that carries our store's id. Either
is only a claim until the signature holds.
"""

from flask import Blueprint, Response, abort, current_app, request

from app import metrics
from app.errors import BadSignature, Unreachable
from app.inbox.receive import Keeper, Kept
from app.platforms import Delivery, Verified
from app.stores.directory import Named
from app.stores.platforms import PLATFORMS, is_ping
from app.web.request import config, directory, id_or_404, lower_headers

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

_SHOPIFY_DOMAIN = ("x-shopify-shop-domain", "shopify-shop-domain")


@webhooks.post("/shopify")
def shopify() -> Response:
    """All topics of all Shopify shops; the app's own secret proves them."""
    delivery = _delivery()
    domain = next((delivery.headers[h] for h in _SHOPIFY_DOMAIN if h in delivery.headers), "")
    named = directory().by_domain("shopify", domain)
    # A merchant's own custom app signs with a secret of its own; all others with ours.
    own = directory().webhook_secrets(named.store_id) if named else ()
    verified = _verify("shopify", delivery, (*config().shopify_secrets, *own))
    return _keep(named, delivery, verified)


@webhooks.post("/woocommerce/<store>")
def woocommerce(store: str) -> Response:
    """All topics of one WooCommerce shop; the secret we gave it proves them."""
    delivery = _delivery()
    named = directory().by_id("woocommerce", id_or_404(store))
    if named is None:
        abort(404)
    if is_ping(delivery):
        return Response(status=200)
    secrets = directory().webhook_secrets(named.store_id)
    return _keep(named, delivery, _verify("woocommerce", delivery, secrets))


def _delivery() -> Delivery:
    return Delivery(headers=lower_headers(), body=request.get_data(cache=False))


def _verify(platform: str, delivery: Delivery, secrets: tuple[str, ...]) -> Verified:
    try:
        return PLATFORMS[platform].verify(delivery, secrets)
    except BadSignature:
        metrics.WEBHOOKS.labels(platform, "refused").inc()
        raise


def _keep(named: Named | None, delivery: Delivery, verified: Verified) -> Response:
    if named is None:
        abort(404, "No store of this name is connected.")
    try:
        new = _keeper().keep(
            Kept(
                store_id=named.store_id,
                webhook_key=verified.webhook_key,
                topic=verified.topic,
                body=delivery.body,
                triggered_at=verified.triggered_at,
            )
        )
    except Unreachable:
        metrics.WEBHOOKS.labels(named.platform, "unkept").inc()
        raise
    metrics.WEBHOOKS.labels(named.platform, "new" if new else "repeat").inc()
    return Response(status=200)


def _keeper() -> Keeper:
    keeper: Keeper = current_app.extensions["comeback.keeper"]
    return keeper
