"""Webhook subscriptions of one shop, for a token of the merchant's own custom app.

A shop that installs the app gets its subscriptions from `shopify.app.toml`; making them here as
well would deliver everything twice.
"""

from collections.abc import Mapping
from typing import Any

from app.errors import InvalidInput
from app.platforms import HookReport
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.topics import TOPICS, enum_of


def register_webhooks(access: Access, url: str) -> HookReport:
    """Create what is missing; point what leads elsewhere, or tells other fields, back to us."""
    topics = {enum_of(topic): topic for topic in TOPICS}
    listed = access.run("list_webhooks", topics=list(topics)).need("webhookSubscriptions")
    found = {node["topic"]: node for node in listed["nodes"]}
    created, kept, repaired = [], [], []
    for enum, topic in topics.items():
        wanted = {"uri": url, "includeFields": list(TOPICS[topic]), "format": "JSON"}
        node = found.get(enum)
        if node is None:
            _write(
                access, "create_webhook", "webhookSubscriptionCreate", topic=enum, webhook=wanted
            )
            created.append(topic)
        elif node["uri"] == url and set(node["includeFields"]) == set(TOPICS[topic]):
            kept.append(topic)
        else:
            _write(
                access,
                "update_webhook",
                "webhookSubscriptionUpdate",
                id=node["id"],
                webhook=wanted,
            )
            repaired.append(topic)
    return HookReport(created=tuple(created), kept=tuple(kept), repaired=tuple(repaired))


def _write(access: Access, document: str, field: str, **variables: Any) -> None:
    done: Mapping[str, Any] = access.run(document, **variables).need(field) or {}
    errors = done.get("userErrors") or ()
    if errors:
        raise InvalidInput("webhooks", str(errors[0]["message"]))
