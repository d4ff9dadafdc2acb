"""The pure half of WooCommerce: who signed a webhook, and what it says in our words.

It must never parse a body before its signature holds, nor trust the delivery id: that is a hash of
the hook and the current second, so the orders of one second share it.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from app.crypto import same
from app.errors import BadSignature, MalformedPayload
from app.events import (
    CodeGone,
    CustomerDeleted,
    Fact,
    OrderDeleted,
    OrderSeen,
    ProductDeleted,
    ProductSeen,
)
from app.platforms import Delivery, ShopFacts, Verified
from app.platforms.woocommerce.carts import CART_TOPIC, snapshot
from app.platforms.woocommerce.coupons import coupon_facts
from app.platforms.woocommerce.orders import order_facts
from app.platforms.woocommerce.payload import Body, inner, parse, required_key, text
from app.platforms.woocommerce.people import customer_facts
from app.platforms.woocommerce.products import product_seen

_NO_NEWS = "coupon.created"
_PING = re.compile(rb"webhook_id=\d+\s*")
_ERASED: dict[str, Callable[[str, datetime], Fact]] = {
    "order": lambda key, at: OrderDeleted(order_key=key, updated_at=at),
    "customer": lambda key, at: CustomerDeleted(platform_key=key, updated_at=at),
    "product": lambda key, at: ProductDeleted(product_key=key, updated_at=at),
    "coupon": lambda key, at: CodeGone(code_key=key, updated_at=at),
}


def is_ping(delivery: Delivery) -> bool:
    """The unsigned form a shop posts to try an address, at any time: answer 200 and keep nothing.

    Nothing in it is believed, so that anybody can send one does no harm.
    """
    signed = "x-wc-webhook-signature" in delivery.headers
    return not signed and _PING.fullmatch(delivery.body) is not None


class WooCommerce:
    """`Platform` for WooCommerce."""

    name = "woocommerce"
    order_topic = "order.created"
    keeps_segments = False

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Verified:
        """Prove the raw bytes against any of the store's secrets. Raises BadSignature."""
        given = delivery.headers.get("x-wc-webhook-signature", "")
        proofs = [same(sign(delivery.body, secret), given) for secret in secrets if secret]
        if not any(proofs):
            raise BadSignature("The webhook is not signed with this store's secret.")
        topic = delivery.headers.get("x-wc-webhook-topic", "").strip().lower()
        if not topic:
            raise BadSignature("The webhook does not say its topic.")
        digest = hashlib.sha256(delivery.body).hexdigest()
        return Verified(topic=topic, webhook_key=f"{topic}:{digest}", triggered_at=None)

    def normalise(
        self, topic: str, body: bytes, shop: ShopFacts, received_at: datetime
    ) -> list[Fact]:
        """The facts in a verified body. Raises MalformedPayload."""
        resource, _, event = topic.partition(".")
        if topic == _NO_NEWS or (topic != CART_TOPIC and resource not in _ERASED):
            return []
        payload = parse(body)
        if _is_error(payload):
            return _refuse(payload)
        if topic == CART_TOPIC:
            return [snapshot(payload, received_at)]
        if event == "deleted":
            return [_ERASED[resource](required_key(payload, "id"), received_at)]
        facts = _read(resource, payload, shop, received_at)
        return _as_of(facts, received_at) if event == "restored" else facts


def sign(body: bytes, secret: str) -> str:
    """base64(HMAC-SHA256) of the raw bytes, as WooCommerce writes it."""
    return b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def _read(resource: str, payload: Body, shop: ShopFacts, received_at: datetime) -> list[Fact]:
    if resource == "order":
        return order_facts(payload, received_at)
    if resource == "customer":
        return customer_facts(payload, received_at)
    if resource == "coupon":
        return coupon_facts(payload, received_at)
    return [product_seen(payload, shop, received_at)]


def _as_of(facts: list[Fact], received_at: datetime) -> list[Fact]:
    """A deletion carries no date and counts from its arrival, so what undoes it must count from
    its own arrival too, or it would look older than the deletion."""
    return [
        replace(fact, updated_at=max(fact.updated_at, received_at))
        if isinstance(fact, OrderSeen | ProductSeen)
        else fact
        for fact in facts
    ]


def _is_error(payload: Body) -> bool:
    """The body is read at delivery: if that fails, the error is signed and sent in its place."""
    return "id" not in payload and "code" in payload and "message" in payload


def _refuse(payload: Body) -> list[Fact]:
    status = text(inner(payload, "data"), "status")
    if status == "404":
        return []  # Gone since; the catch-up or `*.deleted` tells the rest.
    if status in {"401", "403"}:
        raise MalformedPayload(
            "WooCommerce may no longer read this for us: the user who connected the store has lost "
            "their rights. Connect the store again."
        )
    raise MalformedPayload(f"WooCommerce sent an error in place of data: {text(payload, 'code')}")
