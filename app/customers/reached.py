"""What was decided about a person, what reached them and what it earned: for their timeline."""

from collections.abc import Iterator

from sqlalchemy import and_, func, select

from app.customers.asked import Asked
from app.customers.entries import Entry, EntryKind
from app.models import Credit, Decision, Message, Order, Touch


def decisions(asked: Asked) -> Iterator[Entry]:
    """A decision about a step leads to its message, also when it was made before there was one."""
    same_step = and_(
        Message.store_id == Decision.store_id,
        Message.journey_id == Decision.journey_id,
        Message.step == Decision.step,
    )
    message_id = func.coalesce(Decision.message_id, Message.message_id)
    statement = select(Decision, message_id).outerjoin(Message, same_step).where(asked.of(Decision))
    for row, about in asked.rows(statement, Decision.decided_at, Decision.decision_id):
        yield Entry(
            at=row.decided_at,
            entry_id=row.decision_id,
            kind=EntryKind.DECISION,
            state=row.outcome,
            flow_id=row.flow_id,
            message_id=about,
            values={"step": row.step, "reason": row.reason, "compared": row.compared},
        )


def messages(asked: Asked) -> Iterator[Entry]:
    """Messages that left. Why others did not is among the decisions."""
    statement = select(Message).where(asked.of(Message), Message.sent_at.is_not(None))
    for (row,) in asked.rows(statement, Message.sent_at, Message.message_id):
        assert row.sent_at is not None  # The statement asks for no other.
        yield Entry(
            at=row.sent_at,
            entry_id=row.message_id,
            kind=EntryKind.MESSAGE,
            state=row.status,
            flow_id=row.flow_id,
            message_id=row.message_id,
            values={
                "channel": row.channel,
                "text": row.subject or row.body or row.name,
                "variant": row.variant,
            },
        )


def clicks(asked: Asked) -> Iterator[Entry]:
    written = and_(Message.store_id == Touch.store_id, Message.message_id == Touch.message_id)
    statement = select(Touch, Message).join(Message, written).where(asked.of(Touch))
    for row, message in asked.rows(statement, Touch.touched_at, Touch.touch_id):
        yield Entry(
            at=row.touched_at,
            entry_id=row.touch_id,
            kind=EntryKind.CLICK,
            flow_id=message.flow_id,
            message_id=row.message_id,
            values={"channel": message.channel, "text": message.subject or message.name},
        )


def credits(asked: Asked) -> Iterator[Entry]:
    same_order = and_(Order.store_id == Credit.store_id, Order.order_key == Credit.order_key)
    statement = select(Credit, Order.number).join(Order, same_order).where(asked.of(Order))
    for row, number in asked.rows(statement, Credit.credited_at, Credit.credit_id):
        left = row.amount_minor - row.reversed_minor
        yield Entry(
            at=row.credited_at,
            entry_id=row.credit_id,
            kind=EntryKind.CREDIT,
            flow_id=row.flow_id,
            message_id=row.message_id,
            order_key=row.order_key,
            values={
                "number": number,
                "currency": row.currency,
                "total_minor": left,
                "channel": row.channel,
            },
        )
