"""Addresses the merchant has silenced in Klaviyo by hand: no event tells of them, so we read the
profiles. Reasons that come as events of their own are left to those.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.channels import Advice, Receipt, ReceiptStatus
from app.channels.klaviyo.client import Client
from app.channels.klaviyo.cursor import Mark
from app.channels.klaviyo.receipts import moment

_AT = "subscriptions.email.marketing.suppression.timestamp"
_STATUS = {
    "USER_SUPPRESSED": (ReceiptStatus.UNSUBSCRIBED, Advice.OPT_OUT),
    "INVALID_EMAIL": (ReceiptStatus.BOUNCED, Advice.BAD_ADDRESS),
}


def read_silenced(client: Client, mark: Mark) -> tuple[list[Receipt], Mark]:
    """One page of the suppressions since the mark. Raises Unreachable, AccessLost."""
    document = client.ask(
        client.api.Profiles.get_profiles,
        filter=f"greater-or-equal({_AT},{mark.since})",
        sort=_AT,
        additional_fields_profile=["subscriptions"],
        fields_profile=["email", "subscriptions"],
        page_size=100,
        page_cursor=mark.page,
    )
    profiles = document["data"]
    receipts = [receipt for profile in profiles for receipt in _receipts(profile)]
    times = [at for profile in profiles for _, at in _suppressions(profile)]
    return receipts, mark.advance(document, times)


def _receipts(profile: Mapping[str, Any]) -> Iterator[Receipt]:
    address = profile["attributes"].get("email")
    for reason, at in _suppressions(profile):
        if address and reason in _STATUS:
            status, advice = _STATUS[reason]
            yield Receipt(
                receipt_key=f"suppressed:{profile['id']}:{at.isoformat()}",
                status=status,
                advice=advice,
                code=reason,
                occurred_at=at,
                address=address,
            )


def _suppressions(profile: Mapping[str, Any]) -> Iterator[tuple[str, datetime]]:
    subscriptions = profile["attributes"].get("subscriptions") or {}
    marketing = (subscriptions.get("email") or {}).get("marketing") or {}
    for item in marketing.get("suppression") or ():
        yield str(item["reason"]), moment(item["timestamp"])
