"""Whom and what a receipt is about: the message, the address, and everybody who has it.

Twilio names the message; Klaviyo mostly only the address, and then the latest mail to it is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, Select, bindparam, select
from sqlalchemy.orm import Session

from app.channels import ChannelName, Receipt, ReceiptStatus
from app.models import Customer, Identity, Message, MessageStatus
from app.models.rows import STORE
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


_LATEST = select(Message).where(Message.store_id == STORE).order_by(Message.sent_at.desc()).limit(1)
_BY_ITS_ID = _LATEST.where(Message.message_id == bindparam("named"))
_BY_THEIR_ID = _LATEST.where(Message.provider_id == bindparam("named"))
_BY_ADDRESS = _LATEST.where(
    Message.channel == ChannelName.EMAIL,
    Message.address == bindparam("named"),
    Message.sent_at <= bindparam("until"),
    Message.sent_at > bindparam("since"),
    Message.status.not_in([MessageStatus.PLANNED, MessageStatus.HELD]),
)


def _with(kind: str, column: ColumnElement[Any] | Any) -> CompoundSelect[UUID]:
    value: BindParameter[str] = bindparam("value")
    by_identity = select(Identity.customer_id).where(
        Identity.store_id == STORE, Identity.kind == kind, Identity.value == value
    )
    return by_identity.union(
        select(Customer.customer_id).where(Customer.store_id == STORE, column == value)
    )


_WITH_MAIL, _WITH_PHONE = _with("email", Customer.email), _with("phone", Customer.phone)


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
    plain = address.strip()
    if channel is ChannelName.EMAIL:
        found = session.scalars(_WITH_MAIL, {"store": store_of(session), "value": plain.lower()})
    else:
        found = session.scalars(_WITH_PHONE, {"store": store_of(session), "value": plain})
    return sorted(found)


def _message(session: Session, provider: str, receipt: Receipt) -> Message | None:
    for statement, named in _ways(provider, receipt):
        found = session.scalars(statement, {"store": store_of(session), **named}).one_or_none()
        if found is not None:
            return found
    return None


def _ways(provider: str, receipt: Receipt) -> list[tuple[Select[Message], dict[str, Any]]]:
    """From the surest name of a message to the vaguest."""
    ways: list[tuple[Select[Message], dict[str, Any]]] = []
    if receipt.message_id is not None:
        ways.append((_BY_ITS_ID, {"named": receipt.message_id}))
    if receipt.provider_id is not None:
        ways.append((_BY_THEIR_ID, {"named": receipt.provider_id}))
    by_address = provider == "klaviyo" and receipt.address and receipt.status in _ABOUT_A_MAIL
    if by_address and not ways:
        until, since = receipt.occurred_at + CLOCKS_DIFFER, receipt.occurred_at - LATEST
        ways.append((_BY_ADDRESS, {"named": receipt.address, "until": until, "since": since}))
    return ways


def _channel(provider: str, receipt: Receipt, message: Message | None) -> ChannelName:
    if receipt.channel is not None:
        return receipt.channel
    if message is not None:
        return ChannelName(message.channel)
    return ChannelName.EMAIL if provider == "klaviyo" else ChannelName.SMS
