"""What a person wants of Klaviyo, as JSON:API documents: to get mail, to get none, to go. Pure."""

from datetime import datetime
from typing import Any


def subscription_body(email: str, consented_at: datetime) -> dict[str, Any]:
    """A consent given to us earlier. `historical_import` keeps Klaviyo from asking for it again."""
    marketing = {"consent": "SUBSCRIBED", "consented_at": consented_at.isoformat()}
    profile = {"email": email, "subscriptions": {"email": {"marketing": marketing}}}
    attributes = {
        "custom_source": "Comeback",
        "historical_import": True,
        "profiles": {"data": [{"type": "profile", "attributes": profile}]},
    }
    return {"data": {"type": "profile-subscription-bulk-create-job", "attributes": attributes}}


def suppression_body(email: str) -> dict[str, Any]:
    """No more marketing to this address, whatever its consent says."""
    profiles = {"data": [{"type": "profile", "attributes": {"email": email}}]}
    kind = "profile-suppression-bulk-create-job"
    return {"data": {"type": kind, "attributes": {"profiles": profiles}}}


def text_opt_out_body(phone: str) -> dict[str, Any]:
    """No more texts to this number. Suppressions know e-mail only; this names the channel."""
    marketing = {"consent": "UNSUBSCRIBED"}
    profile = {"phone_number": phone, "subscriptions": {"sms": {"marketing": marketing}}}
    profiles = {"data": [{"type": "profile", "attributes": profile}]}
    kind = "profile-subscription-bulk-delete-job"
    return {"data": {"type": kind, "attributes": {"profiles": profiles}}}


def deletion_body(email: str) -> dict[str, Any]:
    """Erase one person, named by exactly one identifier: two are an error."""
    profile = {"data": {"type": "profile", "attributes": {"email": email}}}
    return {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}}
