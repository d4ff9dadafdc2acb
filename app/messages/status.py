"""The ladder of a message's status: receipts come late, twice and out of order, so it only climbs.

Ranks follow what a later word can add: a delivery beats a failure that came first, and nothing
beats a message that was read.
"""

from app.channels import ReceiptStatus
from app.models import MessageStatus

_RANKS = {
    MessageStatus.PLANNED: 0,
    MessageStatus.HELD: 0,
    MessageStatus.SENDING: 1,
    MessageStatus.UNKNOWN: 2,
    MessageStatus.ACCEPTED: 3,
    MessageStatus.SENT: 4,
    MessageStatus.FAILED: 5,
    MessageStatus.DELIVERED: 6,
    MessageStatus.READ: 7,
}

_TOLD = {
    ReceiptStatus.SENT: MessageStatus.SENT,
    ReceiptStatus.DELIVERED: MessageStatus.DELIVERED,
    ReceiptStatus.READ: MessageStatus.READ,
    ReceiptStatus.CLICKED: MessageStatus.READ,
    ReceiptStatus.UNDELIVERED: MessageStatus.FAILED,
    ReceiptStatus.FAILED: MessageStatus.FAILED,
    ReceiptStatus.BOUNCED: MessageStatus.FAILED,
    # Who complains or leaves has read it.
    ReceiptStatus.COMPLAINED: MessageStatus.READ,
    ReceiptStatus.UNSUBSCRIBED: MessageStatus.READ,
}


ARRIVED = frozenset({MessageStatus.DELIVERED, MessageStatus.READ})
"""Nobody needs to hear the same once more."""


def climbs(now: str, to: MessageStatus) -> bool:
    """Whether `to` says more than the message's present status."""
    return _RANKS[to] > _RANKS[MessageStatus(now)]


def told_by(receipt: ReceiptStatus) -> MessageStatus | None:
    """The status a receipt tells of its message; None when it tells of the address only."""
    return _TOLD.get(receipt)
