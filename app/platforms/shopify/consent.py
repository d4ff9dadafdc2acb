"""A choice made with us, written back to the shop's own record of the customer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.errors import InvalidInput
from app.events import ConsentChannel, ConsentState, Person
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.identifiers import by_email, by_phone, gid

_STATES = {
    ConsentState.SUBSCRIBED: "SUBSCRIBED",
    ConsentState.PENDING: "PENDING",
    ConsentState.UNSUBSCRIBED: "UNSUBSCRIBED",
}


def write_consent(
    access: Access, person: Person, channel: ConsentChannel, state: ConsentState, at: datetime
) -> bool:
    """False when the shop knows nobody like this, or has no address of this kind for them."""
    customer = _customer(access, person)
    if customer is None:
        return False
    document, choice = _CHOICES[channel](_STATES[state], at.astimezone(UTC).isoformat())
    written = access.run(document, input={"customerId": customer, **choice}).need("written") or {}
    return not written.get("userErrors")


def tag_customer(access: Access, platform_key: str, tag: str) -> None:
    tagged = access.run("tag_customer", id=gid("Customer", platform_key), tags=[tag])
    errors = (tagged.need("tagsAdd") or {}).get("userErrors") or ()
    if errors:
        raise InvalidInput("customer", str(errors[0]["message"]))


def _customer(access: Access, person: Person) -> str | None:
    if person.platform_key:
        return gid("Customer", person.platform_key)
    asked = by_email(person.email) or by_phone(person.phone)
    if asked is None:
        return None
    found = access.run("find_customer", identifier=asked).need("customerByIdentifier")
    return str(found["id"]) if found else None


def _email(state: str, at: str) -> tuple[str, Mapping[str, Any]]:
    # SUBSCRIBED dated within the last 24 hours starts the merchant's own Shopify welcome flow:
    # https://shopify.dev/changelog/apps-can-now-trigger-marketing-automations-that-use-the-customer-subscribed-to-email-marketing-trigger
    return "write_email_consent", {"emailMarketingConsent": _marketing(state, at)}


def _sms(state: str, at: str) -> tuple[str, Mapping[str, Any]]:
    return "write_sms_consent", {"smsMarketingConsent": _marketing(state, at)}


def _whatsapp(state: str, at: str) -> tuple[str, Mapping[str, Any]]:
    choice = {"state": state, "optInLevel": _level(state), "updatedAt": at}
    return "write_whatsapp_consent", {"whatsAppMarketingConsent": choice}


def _marketing(state: str, at: str) -> dict[str, str]:
    return {"marketingState": state, "marketingOptInLevel": _level(state), "consentUpdatedAt": at}


def _level(state: str) -> str:
    """What we can vouch for: a pending choice is one that waits for its confirmation."""
    return "CONFIRMED_OPT_IN" if state == "PENDING" else "SINGLE_OPT_IN"


_CHOICES = {
    ConsentChannel.EMAIL: _email,
    ConsentChannel.SMS: _sms,
    ConsentChannel.WHATSAPP: _whatsapp,
}
