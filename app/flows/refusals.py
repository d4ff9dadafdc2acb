"""Why a message is not even planned, or not yet: so that what could never be sent does not take
another message's place. The whole truth is checked again just before the send.

Pure. Legal refusals come first, then business refusals, then timing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.channels import ChannelName
from app.customers.snapshot import Snapshot
from app.events import ConsentState
from app.flows import definition as d
from app.flows.effects import OfferState
from app.reasons import Reason

_LOOK_AT_OFFER = timedelta(seconds=30)
_LOOK_AT_TASK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Later:
    """Not yet: look again at `until`."""

    until: datetime
    reason: Reason
    compared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Never:
    """Not at all; the journey goes on without it."""

    reason: Reason
    compared: Mapping[str, Any] = field(default_factory=dict)


def refusal(
    node: d.Send,
    snapshot: Snapshot,
    offer: OfferState | None,
    deadline: datetime,
    now: datetime,
) -> Later | Never | None:
    """What keeps this message from being planned now."""
    never = _legal(node, snapshot) or _offer_gone(node, offer)
    if never is not None:
        return never
    if now > deadline:
        return Never(Reason.DEADLINE_PASSED, {"deadline": deadline.isoformat()})
    if node.commercial and snapshot.holds_promotions:
        return Later(min(now + _LOOK_AT_TASK, deadline), Reason.PROMOTIONS_ON_HOLD)
    if offer is not None and offer.status == "wanted":
        return Later(now + _LOOK_AT_OFFER, Reason.WAITING_FOR_OFFER, {"offer": node.offer})
    return None


def _legal(node: d.Send, snapshot: Snapshot) -> Never | None:
    address = snapshot.email if node.channel is ChannelName.EMAIL else snapshot.phone
    if not address:
        return Never(Reason.NO_ADDRESS, {"channel": node.channel})
    if node.channel in snapshot.suppressed:
        return Never(Reason.SUPPRESSED, {"channel": node.channel})
    if not node.commercial:
        return None
    choice = snapshot.consent.get(node.channel)
    if choice and choice.state == ConsentState.UNSUBSCRIBED:
        return Never(Reason.OPTED_OUT, {"channel": node.channel, "since": choice.since.isoformat()})
    # E-mail may rest on an earlier purchase (C17), which the law of the country decides at the
    # send; a text never goes without consent.
    agreed = choice is not None and choice.state == ConsentState.SUBSCRIBED
    if node.channel is not ChannelName.EMAIL and not agreed:
        return Never(Reason.NO_CONSENT, {"channel": node.channel})
    return None


def _offer_gone(node: d.Send, offer: OfferState | None) -> Never | None:
    if node.offer is None:
        return None
    if offer is None:
        return Never(Reason.OFFER_REFUSED, {"offer": node.offer})
    match offer.status:
        case "wanted" | "live":
            return None
        case "expired":
            return Never(Reason.OFFER_EXPIRED, {"offer": node.offer})
        case "used":
            return Never(Reason.ALREADY_ORDERED, {"offer": node.offer})
    reason = Reason(offer.reason) if offer.reason in set(Reason) else Reason.OFFER_REFUSED
    return Never(reason, {"offer": node.offer})
