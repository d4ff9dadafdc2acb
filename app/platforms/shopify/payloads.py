"""Shopify's webhooks in our words: proving where a body comes from, then reading it.

Pure: no network, no clock, no database. The raw bytes are proved before anything parses them.
"""

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from app.crypto import same
from app.errors import BadSignature
from app.events import Fact
from app.jsontext import exact_reader, read_exact
from app.platforms import Delivery, ShopFacts, Verified
from app.platforms.shopify import (
    cart_payloads,
    law_payloads,
    order_payloads,
    people_payloads,
    refund_payloads,
    store_payloads,
)
from app.platforms.shopify.context import Context
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.order_shape import Order

_READERS: Mapping[str, Callable[[Fields, Context], Sequence[Fact]]] = {
    "orders/create": order_payloads.order,
    "orders/updated": order_payloads.order,
    "orders/paid": order_payloads.order,
    "orders/cancelled": order_payloads.order,
    "orders/fulfilled": order_payloads.order,
    "orders/edited": order_payloads.edited,
    "orders/delete": order_payloads.deleted,
    "refunds/create": refund_payloads.refund,
    "checkouts/create": cart_payloads.checkout,
    "checkouts/update": cart_payloads.checkout,
    "checkouts/delete": cart_payloads.deleted,
    "carts/create": cart_payloads.cart,
    "carts/update": cart_payloads.cart,
    "customers/create": people_payloads.customer,
    "customers/update": people_payloads.customer,
    "customers/delete": people_payloads.deleted,
    "customers_email_marketing_consent/update": people_payloads.email_consent,
    "customers_marketing_consent/update": people_payloads.sms_consent,
    "customers_whats_app_marketing_consent/update": people_payloads.whatsapp_consent,
    "products/create": store_payloads.product,
    "products/update": store_payloads.product,
    "products/delete": store_payloads.product_deleted,
    "app/uninstalled": store_payloads.uninstalled,
    "shop/update": store_payloads.shop,
    "bulk_operations/finish": store_payloads.bulk_finished,
    "customers/data_request": law_payloads.data_requested,
    "customers/redact": law_payloads.erasure,
    "shop/redact": law_payloads.shop_erasure,
}
_read_order = exact_reader(Order)


class Shopify:
    """The pure half of Shopify, see `platforms.Platform`."""

    name = "shopify"
    order_topic = "orders/create"
    keeps_segments = True
    topics = frozenset(_READERS)

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Verified:
        """Prove the raw bytes against any of `secrets`. Raises BadSignature."""
        signature = _header(delivery, "hmac-sha256")
        if not any(same(sign(delivery.body, secret), signature) for secret in secrets if secret):
            raise BadSignature("The signature of this Shopify webhook does not match its body.")
        topic, key = _header(delivery, "topic"), _header(delivery, "webhook-id")
        if not topic or not key:
            raise BadSignature("This Shopify webhook has no topic or no webhook id header.")
        return Verified(
            topic=topic,
            webhook_key=key,
            triggered_at=_moment(_header(delivery, "triggered-at")),
        )

    def normalise(
        self, topic: str, body: bytes, shop: ShopFacts, received_at: datetime
    ) -> list[Fact]:
        """The facts in a verified body; none for a topic we do not use. Raises MalformedPayload."""
        reader = _READERS.get(topic)
        if reader is None:
            return []
        context = Context(topic=topic, shop=shop, received_at=received_at)
        read = _read_order if reader is order_payloads.order else read_exact
        return list(reader(Fields.parse(body, topic, read), context))


def sign(body: bytes, secret: str) -> str:
    """The signature Shopify puts on `body`."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def shop_of(delivery: Delivery) -> str:
    """The shop a delivery says it is from. It names whose secret to try; it proves nothing."""
    return _header(delivery, "shop-domain").lower()


def _header(delivery: Delivery, name: str) -> str:
    """Webhooks say `x-shopify-topic`, the newer Events say `shopify-topic`."""
    headers = delivery.headers
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or ""


def _moment(text: str) -> datetime | None:
    """The header is not signed and only orders deliveries: what cannot be read is left out."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
