"""What we write to Klaviyo, as its JSON:API documents. Pure.

Must never carry a value that is None: Klaviyo reads null as "clear this", absent as "leave it".
"""

import re
from collections.abc import Mapping
from typing import Any

from app.channels import OutgoingMessage
from app.channels.klaviyo.naming import flow_of, metric_name
from app.events import Person

MAX_STRING_BYTES = 100_000
"""Klaviyo's limit for one string in an event."""

_WHOLE_LOCALE = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_DOCUMENT = re.compile(
    r"<head[^>]*>(?P<head>.*?)</head>.*?<body[^>]*>(?P<body>.*)</body>", re.DOTALL | re.IGNORECASE
)


def split_document(html: str) -> tuple[str, str]:
    """(head, body) of a page, so that Klaviyo's template can put its own footer inside the body."""
    found = _DOCUMENT.search(html)
    return (found["head"], found["body"]) if found else ("", html)


def event_body(message: OutgoingMessage) -> dict[str, Any]:
    """The event that makes Klaviyo send `message`.

    The text goes under `$extra`, where templates reach it as `event.extra` and segments do not.
    """
    head, body = split_document(message.html)
    properties = {
        "subject": message.subject,
        "preview": message.preview,
        "message_id": str(message.message_id),
        "flow": message.flow,
        "step": message.step,
        "locale": message.locale,
        "store": str(message.store_id),
        "$extra": {"head_html": head, "body_html": body, "body_text": message.body},
    }
    return event(
        metric_name(flow_of(message.flow, commercial=message.commercial)),
        profile=_profile_in(message),
        properties=properties,
        unique_id=message.unique_id,
    )


def _profile_in(message: OutgoingMessage) -> dict[str, str]:
    """Whom it is for, and what Klaviyo may know of them: the event writes the profile as well."""
    person = message.person
    return _present(
        email=message.to,
        external_id=person.platform_key,
        first_name=person.first_name,
        last_name=person.last_name,
        locale=_whole(message.locale),
    )


def event(
    metric: str,
    *,
    profile: Mapping[str, str],
    properties: Mapping[str, Any],
    unique_id: str,
    backfill: bool = False,
) -> dict[str, Any]:
    """One event. `backfill`: recorded, and no flow starts."""
    attributes = {
        "unique_id": unique_id,
        "backfill": backfill,
        "properties": dict(properties),
        "metric": {"data": {"type": "metric", "attributes": {"name": metric}}},
        "profile": {"data": {"type": "profile", "attributes": dict(profile)}},
    }
    return {"data": {"type": "event", "attributes": attributes}}


def first_event(flow: str, address: str) -> dict[str, Any]:
    """The event that makes the flow's metric exist. It is history, so no flow starts."""
    return event(
        metric_name(flow),
        profile={"email": address},
        properties={"subject": "Comeback set-up", "flow": flow},
        unique_id=f"comeback-setup-{flow}",
        backfill=True,
    )


def too_long(message: OutgoingMessage) -> str | None:
    """The sentence for a message Klaviyo would refuse for its length, else None."""
    head, body = split_document(message.html)
    parts = {"HTML": body, "style": head, "plain text": message.body, "subject": message.subject}
    for name, text in parts.items():
        size = len(text.encode())
        if size > MAX_STRING_BYTES:
            return (
                f"The {name} of this message is {size // 1000} KB and Klaviyo takes at most "
                f"{MAX_STRING_BYTES // 1000} KB: shorten it or link to pictures instead of "
                "embedding them."
            )
    return None


def profile_body(person: Person, key: str | None) -> dict[str, Any]:
    """All we know of a person; `key` is Klaviyo's id of the profile, when the address changes."""
    body = plain_profile_body(person, key)
    known = _present(phone_number=person.phone, external_id=person.platform_key)
    body["data"]["attributes"].update(known)
    return body


def plain_profile_body(person: Person, key: str | None) -> dict[str, Any]:
    """The same without what another profile may have as well."""
    attributes: dict[str, Any] = _present(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        locale=_whole(person.locale),
    )
    location = _present(country=person.country, region=person.region)
    if location:
        attributes["location"] = location
    data = {"type": "profile", "attributes": attributes}
    return {"data": {**data, "id": key} if key else data}


def _whole(locale: str | None) -> str | None:
    """Klaviyo refuses everything for a locale without a region."""
    return locale if locale and _WHOLE_LOCALE.fullmatch(locale) else None


def _present(**values: str | None) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
