"""One person, one profile: finding it, keeping it right, and what it says of consent.

Must never make two of one person where it can be told, and never merge two: that cannot be undone.
"""

from datetime import datetime
from typing import Any

from app.channels import Advice, Refused
from app.channels.klaviyo import payloads
from app.channels.klaviyo.client import Client
from app.channels.klaviyo.failures import CALL_ERRORS, error_for, outcome_of
from app.channels.klaviyo.metrics import quoted
from app.channels.klaviyo.receipts import moment
from app.errors import InvalidInput
from app.events import Person


def upsert(client: Client, person: Person, formerly: str | None) -> None:
    """Bring the profile of `person` up to date; `formerly` is the address it may have until now.

    A number, a key or an address that another profile has is refused with all the rest (409; 404
    where the profile was named by its id, https://community.klaviyo.com/developer-group-64/
    unexpected-404-when-using-create-or-update-profiles-endpoint-11971). Then it goes without what
    may name somebody else.
    """
    if not person.email:
        raise InvalidInput("email", "a profile needs an address")
    key = _moving(client, person.email, formerly)
    refused = _write(client, payloads.profile_body(person, key))
    if refused is not None and refused.advice is Advice.OUR_BUG:
        refused = _write(client, payloads.plain_profile_body(person, key))
    if refused is not None:
        raise error_for(refused)


def last_opt_out(client: Client, email: str) -> datetime | None:
    """When they last refused, complained or were suppressed; None when never."""
    times: list[str | None] = []
    for profile in _with_address(client, email, additional_fields_profile=["subscriptions"]):
        subscriptions = profile["attributes"].get("subscriptions") or {}
        marketing = (subscriptions.get("email") or {}).get("marketing") or {}
        times += [item["timestamp"] for item in marketing.get("suppression") or ()]
        if marketing.get("consent") == "UNSUBSCRIBED":
            times.append(marketing.get("consent_timestamp") or marketing.get("last_updated"))
    return max((moment(text) for text in times if text), default=None)


def _moving(client: Client, email: str, formerly: str | None) -> str | None:
    """The id of the profile whose address is to change; None when none is, or the new address has
    a profile of its own already."""
    if formerly is None or formerly == email or _with_address(client, email):
        return None
    found = _with_address(client, formerly)
    return str(found[0]["id"]) if found else None


def _with_address(client: Client, email: str, **options: Any) -> list[dict[str, Any]]:
    document = client.ask(
        client.api.Profiles.get_profiles, filter=f"equals(email,{quoted(email)})", **options
    )
    return list(document["data"])


def _write(client: Client, body: dict[str, Any]) -> Refused | None:
    """None: written. Raises Unreachable when the answer was lost: a repeat writes the same."""
    try:
        client.api.Profiles.create_or_update_profile(body, _request_timeout=client.timeout)
    except CALL_ERRORS as error:
        outcome = outcome_of(error)
        if isinstance(outcome, Refused):
            return outcome
        raise error_for(outcome) from None
    return None
