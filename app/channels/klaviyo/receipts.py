"""Klaviyo's own events about an e-mail, as receipts. Pure; the same for polls and for callbacks.

Opens are never read: Apple's mail proxy opens everything. Klaviyo does not repeat our properties
in these events, so most name the person only by address.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from app.channels import Advice, Receipt, ReceiptStatus


@dataclass(frozen=True, slots=True)
class Meaning:
    """`of_message`: says something about one mail, so it counts only when that mail is ours."""

    status: ReceiptStatus
    advice: Advice | None = None
    of_message: bool = False


MEANINGS: Mapping[str, Meaning] = {
    "Received Email": Meaning(ReceiptStatus.DELIVERED, of_message=True),
    "Clicked Email": Meaning(ReceiptStatus.CLICKED, of_message=True),
    "Bounced Email": Meaning(ReceiptStatus.BOUNCED, Advice.BAD_ADDRESS),
    "Dropped Email": Meaning(ReceiptStatus.FAILED, Advice.GIVE_UP, of_message=True),
    "Marked Email as Spam": Meaning(ReceiptStatus.COMPLAINED, Advice.OPT_OUT),
    "Unsubscribed from Email Marketing": Meaning(ReceiptStatus.UNSUBSCRIBED, Advice.OPT_OUT),
}
"""By metric name: what a poll asks for."""

_SOFT_BOUNCE = Meaning(ReceiptStatus.UNDELIVERED, of_message=True)
"""A full mailbox, say: one mail is lost and the address is none the worse."""

TOPICS: Mapping[str, Meaning] = {
    **{f"event:klaviyo.{name.lower().replace(' ', '_')}": m for name, m in MEANINGS.items()},
    "event:klaviyo.subscribed_to_email_marketing": Meaning(ReceiptStatus.RESUBSCRIBED),
    "event:klaviyo.manually_suppressed_from_email_marketing": Meaning(
        ReceiptStatus.UNSUBSCRIBED, Advice.OPT_OUT
    ),
}
"""By webhook topic: https://developers.klaviyo.com/en/docs/working_with_system_webhooks"""


def receipt_of(
    meaning: Meaning,
    event: Mapping[str, Any],
    address: str | None,
    flows: Collection[str] | None,
) -> Receipt | None:
    """The receipt in one event; None when it is about somebody else's mail or about nobody.

    `flows` are the ids of our flows in this account. None when they are not known: then only what
    names our message counts, and a poll, which knows them, tells the rest.
    """
    properties = event["attributes"].get("event_properties") or {}
    code = str(properties.get("Bounce Type") or "") or None
    if meaning.status is ReceiptStatus.BOUNCED and not (code or "").lower().startswith("hard"):
        meaning = _SOFT_BOUNCE
    message_id = _message_id(properties)
    if meaning.of_message and message_id is None and not _is_ours(properties, flows):
        return None
    if message_id is None and address is None:
        return None
    return Receipt(
        receipt_key=str(event["id"]),
        status=meaning.status,
        advice=meaning.advice,
        code=code,
        occurred_at=moment(event["attributes"]["datetime"]),
        message_id=message_id,
        address=address,
    )


def address_in(document: Mapping[str, Any], event: Mapping[str, Any]) -> str | None:
    """The e-mail address of the event's profile, from what the document includes."""
    relation = (event.get("relationships") or {}).get("profile") or {}
    profile_key = (relation.get("data") or {}).get("id")
    for item in document.get("included") or ():
        if item.get("type") == "profile" and item.get("id") == profile_key:
            return (item.get("attributes") or {}).get("email") or None
    return None


def moment(text: str) -> datetime:
    """A time as Klaviyo writes it; without a zone it is UTC."""
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def _is_ours(properties: Mapping[str, Any], flows: Collection[str] | None) -> bool:
    return flows is not None and properties.get("$flow") in flows


def _message_id(properties: Mapping[str, Any]) -> UUID | None:
    """Ours, from a property or from the address that was clicked."""
    query = parse_qs(urlsplit(str(properties.get("URL") or "")).query)
    for text in (properties.get("message_id"), *query.get("message_id", ())):
        try:
            return UUID(str(text))
        except ValueError:
            continue
    return None
