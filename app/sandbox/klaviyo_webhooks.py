"""The sandboxed Klaviyo's system webhooks, which most accounts have not got.

Such an account answers as if a right were missing, whatever the key may do. Neither the secret nor
the whole address of a webhook is ever shown again.
"""

from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from app.sandbox.klaviyo_account import Account, Webhook
from app.sandbox.klaviyo_api import KlaviyoApi
from app.sandbox.klaviyo_wire import Problem, read, reply, resource

TOPICS = tuple(
    f"event:klaviyo.{name}"
    for name in (
        *("received_email", "opened_email", "clicked_email", "bounced_email", "dropped_email"),
        *("marked_email_as_spam", "subscribed_to_email_marketing"),
        *("unsubscribed_from_email_marketing", "manually_suppressed_from_email_marketing"),
        *("manually_unsuppressed_from_email_marketing", "sent_sms", "received_sms"),
    )
)
_SHORTEST_SECRET = 16


class WebhookApi(KlaviyoApi):
    """The endpoints beside those of `KlaviyoApi`."""

    routes: ClassVar[list[tuple[str, str, str]]] = [
        *KlaviyoApi.routes,
        ("GET", "/api/webhooks", "webhooks"),
        ("POST", "/api/webhooks", "new_webhook"),
        ("PATCH", "/api/webhooks/<key>", "change_webhook"),
        ("GET", "/api/webhook-topics", "webhook_topics"),
    ]

    def webhooks(self, request: Request) -> Response:
        account = self._with_webhooks(request)
        return reply({"data": [_item(webhook) for webhook in account.webhooks]})

    def new_webhook(self, request: Request) -> Response:
        account, data = self._with_webhooks(request), read(request)
        values = _wanted(data)
        for name in ("name", "url", "secret", "topics"):
            if not values[name]:
                raise Problem(400, "required", f"{name} is a required field.", "/data/attributes")
        webhook = Webhook(key=account.new_key("W"), **values)
        account.webhooks.append(webhook)
        return reply({"data": _item(webhook)}, 201)

    def change_webhook(self, request: Request, key: str) -> Response:
        account, data = self._with_webhooks(request), read(request)
        webhook = next((known for known in account.webhooks if known.key == key), None)
        if webhook is None or data.get("id") != key:
            raise Problem(404, "not_found", f"A webhook with id {key} does not exist.")
        for name, value in _wanted(data).items():
            if value:
                setattr(webhook, name, value)
        webhook.enabled = data["attributes"].get("enabled", webhook.enabled)
        return reply({"data": _item(webhook)})

    def webhook_topics(self, request: Request) -> Response:
        self._with_webhooks(request)
        return reply({"data": [resource("webhook-topic", topic, {}) for topic in TOPICS]})

    def _with_webhooks(self, request: Request) -> Account:
        account = self._account(request)
        if not account.has_webhooks:
            detail = "You do not have permission to perform this action."
            raise Problem(403, "permission_denied", detail)
        return account


def _wanted(data: dict[str, Any]) -> dict[str, Any]:
    attributes = data.get("attributes") or {}
    related = (data.get("relationships") or {}).get("webhook-topics") or {}
    topics = [item["id"] for item in related.get("data", ())]
    url, secret = attributes.get("endpoint_url") or "", attributes.get("secret_key") or ""
    if url and not url.startswith("https://"):
        raise Problem(400, "invalid", "Must be https.", "/data/attributes/endpoint_url")
    if secret and len(secret) < _SHORTEST_SECRET:
        raise Problem(400, "invalid", "The secret is too short.", "/data/attributes/secret_key")
    if not set(topics) <= set(TOPICS):
        raise Problem(400, "invalid", "Unknown topic.", "/data/relationships/webhook-topics")
    return {"name": attributes.get("name"), "url": url, "secret": secret, "topics": topics}


def _item(webhook: Webhook) -> dict[str, Any]:
    host = "/".join(webhook.url.split("/")[:3])
    attributes = {"name": webhook.name, "endpoint_url": host, "enabled": webhook.enabled}
    item = resource("webhook", webhook.key, {**attributes, "description": None})
    topics = [{"type": "webhook-topic", "id": topic} for topic in webhook.topics]
    return {**item, "relationships": {"webhook-topics": {"data": topics}}}
