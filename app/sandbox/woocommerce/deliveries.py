"""Webhooks as observed: pings unsigned and sometimes late, bodies read at delivery, failures never
repeated, a hook disabled at the seventh in a row, and one delivery id for all of a second."""

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from app import clock
from app.sandbox.woocommerce import bodies
from app.sandbox.woocommerce.rest import not_found, records
from app.sandbox.woocommerce.state import Event, Hook, Site

_FAILURES_ALLOWED = 6
_SHOW: dict[str, Any] = {
    "orders": bodies.order,
    "customers": bodies.customer,
    "products": bodies.product,
    "coupons": bodies.coupon,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request of the shop. `status` None: no answer came."""

    hook_id: int
    topic: str
    body: bytes
    headers: dict[str, str]
    status: int | None
    at: datetime

    @property
    def is_ping(self) -> bool:
        return not self.topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request that is ready, so that nothing is locked while it is under way."""

    hook: Hook
    topic: str
    body: bytes
    headers: dict[str, str]


def ping(hook: Hook) -> Outgoing:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Outgoing(hook=hook, topic="", body=f"webhook_id={hook.id}".encode(), headers=headers)


def prepare(site: Site, event: Event) -> Outgoing | None:
    """Read the object now. None when the hook is gone or switched off: the event is lost."""
    hook = site.hooks.get(event.hook_id)
    if hook is None or hook.status != "active":
        return None
    body = event.body if event.body is not None else bodies.write(_read(site, hook, event))
    return Outgoing(hook=hook, topic=hook.topic, body=body, headers=_headers(site, hook, body))


def _read(site: Site, hook: Hook, event: Event) -> bodies.Body:
    resource, _, change = hook.topic.partition(".")
    if change == "deleted":
        return {"id": event.object_id}
    if not site.owner_has_rights:
        message = "Sorry, you cannot view this resource."
        return bodies.error(403, "woocommerce_rest_cannot_view", message)
    record = records(site, f"{resource}s").get(event.object_id)
    if record is None:
        return not_found(f"{resource}s")
    body: bodies.Body = _SHOW[f"{resource}s"](site, record)
    return body


def _headers(site: Site, hook: Hook, body: bytes) -> dict[str, str]:
    resource, _, change = hook.topic.partition(".")
    signature = b64encode(hmac.digest(hook.secret.encode(), body, "sha256")).decode()
    second = int(clock.now().timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": f"WooCommerce/{site.settings.version} Hookshot (WordPress/6.8.8)",
        "X-WC-Webhook-Source": f"{site.url}/",
        "X-WC-Webhook-Topic": hook.topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": change,
        "X-WC-Webhook-Signature": signature,
        "X-WC-Webhook-ID": str(hook.id),
        "X-WC-Webhook-Delivery-ID": hashlib.sha256(f"{hook.id}{second}".encode()).hexdigest()[:32],
    }


def send(outgoing: Outgoing, client: httpx.Client, timeout: float) -> Sent:
    try:
        response = client.post(
            outgoing.hook.url, content=outgoing.body, headers=outgoing.headers, timeout=timeout
        )
        status: int | None = response.status_code
    except httpx.HTTPError:
        status = None
    return Sent(
        hook_id=outgoing.hook.id,
        topic=outgoing.topic,
        body=outgoing.body,
        headers=outgoing.headers,
        status=status,
        at=clock.now(),
    )


def record(hook: Hook, sent: Sent) -> None:
    """Redirects are not followed and count as a success, as far as 302."""
    if sent.is_ping:
        hook.ping_due = sent.status != 200
        return
    if sent.status is not None and 200 <= sent.status <= 302:
        hook.failures = 0
        return
    hook.failures += 1
    if hook.failures > _FAILURES_ALLOWED:
        hook.status = "disabled"
