"""Taking messages to work on, so that no other worker has them, and finding what a crash left.

A claim is a lease: who does not come back loses it, and nothing else. A message whose call had
begun is never taken for sending again, only for looking up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.messages.record import decide
from app.models import Customer, Journey, Message, MessageStatus
from app.models.rows import STORE, listed, one_of
from app.reasons import Outcome, Reason
from app.tenancy import store_of

LEASE = timedelta(minutes=10)
"""For a whole batch; every message renews it when its own call begins."""

_DUE = select(Message).where(Message.store_id == STORE, Message.due_at <= bindparam("now"))
_FREE = (
    _DUE.where(
        Message.status == bindparam("status"),
        or_(Message.lease_until.is_(None), Message.lease_until <= bindparam("now")),
    )
    .order_by(Message.due_at, Message.message_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LOST = (
    _DUE.where(Message.status == MessageStatus.SENDING, Message.lease_until <= bindparam("now"))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_OURS = (
    select(Message)
    .where(
        Message.store_id == STORE,
        one_of(Message.message_id, "messages"),
        Message.status == bindparam("status"),
    )
    .order_by(Message.message_id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LOCK_PEOPLE = (
    select(Customer.customer_id)
    .where(Customer.store_id == STORE, one_of(Customer.customer_id, "people"))
    .order_by(Customer.customer_id)
    .with_for_update(key_share=True)
)
_LOCK_JOURNEYS = (
    select(Journey.journey_id)
    .where(Journey.store_id == STORE, one_of(Journey.journey_id, "journeys"))
    .order_by(Journey.journey_id)
    .with_for_update(key_share=True)
)


def claim_due(session: Session, store_id: UUID, now: datetime, limit: int) -> list[Message]:
    """Up to `limit` planned messages that are due, under a lease that names this claim."""
    return _claim(session, store_id, MessageStatus.PLANNED, now, limit)


def claim_unknown(session: Session, store_id: UUID, now: datetime, limit: int) -> list[Message]:
    """Messages that may be out and whose look-up is due."""
    return _claim(session, store_id, MessageStatus.UNKNOWN, now, limit)


def settle_lost(session: Session, store_id: UUID, now: datetime, limit: int) -> int:
    """Calls whose worker never came back: they may be out, so they are unknown from here on."""
    lost = session.scalars(_LOST, {"store": store_id, "now": now, "most": limit}).all()
    for message in lost:
        message.status, message.reason = MessageStatus.UNKNOWN, Reason.RESULT_UNKNOWN
        message.lease_until, message.due_at = None, now
        compared = {"attempts": message.attempts, "detail": "The worker did not come back."}
        decide(session, message, Outcome.UNKNOWN, Reason.RESULT_UNKNOWN, compared)
    return len(lost)


def still_ours(session: Session, message: Message, status: MessageStatus) -> Message | None:
    """The row, locked and fresh, if the claim that gave us `message` still stands."""
    return next(iter(all_ours(session, [message], status)), None)


def all_ours(
    session: Session, messages: Sequence[Message], status: MessageStatus
) -> Sequence[Message]:
    """Those of one store's claim that still stand, locked and fresh, in the order given."""
    leases = {message.message_id: message.lease_until for message in messages}
    asked = {"store": store_of(session), "messages": listed(leases), "status": status}
    rows = session.scalars(_OURS, asked)
    standing = {row.message_id: row for row in rows if row.lease_until == leases[row.message_id]}
    return [standing[key] for key in leases if key in standing]


def hand_back(session: Session, messages: Sequence[Message]) -> None:
    """Let go of those of our claim that nothing was done with: another worker may have them now."""
    for status in (MessageStatus.PLANNED, MessageStatus.UNKNOWN):
        for message in all_ours(session, messages, status):
            message.lease_until = None


def lock_around(session: Session, messages: Sequence[Message]) -> None:
    """The people, then the journeys, before the messages: the order in which everybody locks.

    One message at a time for one person, so that the next counts this one against its caps.
    """
    store = {"store": store_of(session)}
    people = {message.customer_id for message in messages}
    journeys = {message.journey_id for message in messages}
    session.execute(_LOCK_PEOPLE, {**store, "people": listed(people)})
    session.execute(_LOCK_JOURNEYS, {**store, "journeys": listed(journeys)})


def _claim(
    session: Session, store_id: UUID, status: MessageStatus, now: datetime, limit: int
) -> list[Message]:
    asked = {"store": store_id, "status": status, "now": now, "most": limit}
    messages = session.scalars(_FREE, asked).all()
    for message in messages:
        message.lease_until = now + LEASE
    return list(messages)
