"""One system webhook: Klaviyo tells us at once what a poll would find within a minute.

Only some accounts have them (Advanced KDP, and apps that sign in with OAuth), and the poll is the
base: so nothing here may fail a set-up, and what is refused is told, not raised.
https://developers.klaviyo.com/en/docs/working_with_system_webhooks
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.channels.klaviyo.client import Client, KlaviyoCredentials
from app.channels.klaviyo.receipts import TOPICS
from app.errors import AccessLost, ComebackError, Unreachable


class Push(StrEnum):
    """Where an account's webhook stands. UNAVAILABLE: it has none to give, or none to this key."""

    THERE = "there"
    MISSING = "missing"
    UNAVAILABLE = "unavailable"
    NEEDS_HTTPS = "needs_https"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`webhook_id`: ours, working or not. `detail` is what Klaviyo says against it, beside a right
    that is missing."""

    push: Push
    webhook_id: str | None = None
    detail: str = ""


class KlaviyoPush:
    """The webhook called `name`: Klaviyo shows of its address only the beginning."""

    def __init__(
        self, credentials: KlaviyoCredentials, endpoint: str | None = None, *, name: str, url: str
    ) -> None:
        self._client = Client(credentials, endpoint)
        self._name, self._url = name, url

    def look(self) -> Found:
        """Look, change nothing."""
        if not self._url.startswith("https://"):
            return Found(push=Push.NEEDS_HTTPS)
        try:
            document = self._client.ask(self._client.api.Webhooks.get_webhooks)
        except ComebackError as error:
            return _refused(error)
        for item in document["data"]:
            if item["attributes"]["name"] == self._name:
                push = Push.THERE if item["attributes"]["enabled"] else Push.MISSING
                return Found(push=push, webhook_id=str(item["id"]))
        return Found(push=Push.MISSING)

    def start(self, found: Found, secret: str) -> Found:
        """Make the webhook, or put right the one that was found, with `secret` to sign with."""
        webhooks = self._client.api.Webhooks
        try:
            offered = self._client.ask(webhooks.get_webhook_topics)["data"]
            topics = sorted({str(item["id"]) for item in offered} & TOPICS.keys())
            if not topics:
                return Found(push=Push.UNAVAILABLE, webhook_id=found.webhook_id)
            body = self._body(found.webhook_id, secret, topics)
            if found.webhook_id is None:
                made = self._client.ask(webhooks.create_webhook, body)
            else:
                made = self._client.ask(webhooks.update_webhook, found.webhook_id, body)
        except ComebackError as error:
            return _refused(error)
        return Found(push=Push.THERE, webhook_id=str(made["data"]["id"]))

    def _body(self, webhook_id: str | None, secret: str, topics: list[str]) -> dict[str, Any]:
        attributes = {
            "name": self._name,
            "description": "Tells Comeback at once what became of its mails.",
            "endpoint_url": self._url,
            "secret_key": secret,
        }
        wanted = [{"type": "webhook-topic", "id": topic} for topic in topics]
        data = {
            "type": "webhook",
            "attributes": attributes,
            "relationships": {"webhook-topics": {"data": wanted}},
        }
        if webhook_id is None:
            return {"data": data}
        # Klaviyo switches a webhook off after two days of errors, and tells nobody.
        return {"data": {**data, "id": webhook_id, "attributes": {**attributes, "enabled": True}}}


def _refused(error: ComebackError) -> Found:
    """An account without the feature answers as if a scope were missing: 403 permission_denied.
    https://github.com/PostHog/posthog.com/pull/19261"""
    if isinstance(error, Unreachable):
        return Found(push=Push.LATER)
    detail = "" if isinstance(error, AccessLost) else str(error)
    return Found(push=Push.UNAVAILABLE, detail=detail)
