"""Whom and what a receipt is about: the message, the address, and everybody who has it.

Twilio names the message; Klaviyo mostly only the address, and then the latest mail to it is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.channels import ChannelName, Receipt, ReceiptStatus
from app.models import Customer, Identity, Message, MessageStatus
from app.tenancy import store_of

CLOCKS_DIFFER = timedelta(minutes=5)
LATEST = timedelta(days=7)
"""A receipt by address alone is about a mail of the last week, or about none of ours."""

_ABOUT_A_MAIL = (
    ReceiptStatus.DELIVERED,
    ReceiptStatus.CLICKED,
    ReceiptStatus.BOUNCED,
    ReceiptStatus.UNDELIVERED,
    ReceiptStatus.FAILED,
    ReceiptStatus.COMPLAINED,
    ReceiptStatus.UNSUBSCRIBED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """`customer_ids` may be empty: nobody we know."""

    channel: ChannelName
    message: Message | None
    address: str | None
    customer_ids: Sequence[UUID]


def addressed(session: Session, provider: str, receipt: Receipt) -> Addressed:
    """What we know about the subject of a receipt."""
    message = _message(session, provider, receipt)
    channel = _channel(provider, receipt, message)
    address = receipt.address or (message.address if message else None)
    known = people_with(session, channel, address) if address else []
    if message is not None and message.customer_id not in known:
        known = [message.customer_id, *known]
    return Addressed(channel=channel, message=message, address=address, customer_ids=known)


def people_with(session: Session, channel: ChannelName, address: str) -> list[UUID]:
    """Everybody who has this address, now or earlier."""
    is_mail = channel is ChannelName.EMAIL
    value = address.strip().lower() if is_mail else address.strip()
    store_id = store_of(session)
    by_identity = select(Identity.customer_id).where(
        Identity.store_id == store_id,
        Identity.kind == ("email" if is_mail else "phone"),
        Identity.value == value,
    )
    column = Customer.email if is_mail else Customer.phone
    by_row = select(Customer.customer_id).where(Customer.store_id == store_id, column == value)
    return sorted(session.scalars(by_identity.union(by_row)))


def _message(session: Session, provider: str, receipt: Receipt) -> Message | None:
    for condition in _ways(provider, receipt):
        found = session.scalars(
            select(Message)
            .where(Message.store_id == store_of(session), *condition)
            .order_by(Message.sent_at.desc())
            .limit(1)
        ).one_or_none()
        if found is not None:
            return found
    return None


def _ways(provider: str, receipt: Receipt) -> list[Sequence[ColumnElement[bool]]]:
    """From the surest name of a message to the vaguest."""
    ways: list[Sequence[ColumnElement[bool]]] = []
    if receipt.message_id is not None:
        ways.append([Message.message_id == receipt.message_id])
    if receipt.provider_id is not None:
        ways.append([Message.provider_id == receipt.provider_id])
    by_address = provider == "klaviyo" and receipt.address and receipt.status in _ABOUT_A_MAIL
    if by_address and not ways:
        ways.append(
            [
                Message.channel == ChannelName.EMAIL,
                Message.address == receipt.address,
                Message.sent_at <= receipt.occurred_at + CLOCKS_DIFFER,
                Message.sent_at > receipt.occurred_at - LATEST,
                Message.status.not_in([MessageStatus.PLANNED, MessageStatus.HELD]),
            ]
        )
    return ways


def _channel(provider: str, receipt: Receipt, message: Message | None) -> ChannelName:
    if receipt.channel is not None:
        return receipt.channel
    if message is not None:
        return ChannelName(message.channel)
    return ChannelName.EMAIL if provider == "klaviyo" else ChannelName.SMS
