"""What messages at a chosen hour came to, beside those at a random one: sent, and answered."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from app.models import Credit, Message, MessageStatus
from app.models.rows import STORE
from app.tenancy import store_of

ANSWERED_IN = timedelta(days=3)
"""A message younger than this may still be answered, and counts for neither side."""
_LEFT = (
    MessageStatus.ACCEPTED,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
)
_BY = Message.context["hour"]["by"].astext
_CREDITED = exists().where(
    Credit.store_id == Message.store_id, Credit.message_id == Message.message_id
)
_COUNTED = (
    select(_BY, func.count(), func.count().filter(or_(Message.clicked_at.is_not(None), _CREDITED)))
    .where(
        Message.store_id == STORE,
        Message.sent_at > bindparam("since"),
        Message.sent_at <= bindparam("until"),
        Message.status.in_(_LEFT),
        _BY.is_not(None),
    )
    .group_by(_BY)
)


def count_by_hour(session: Session, now: datetime, days: int) -> dict[str, tuple[int, int]]:
    """By the reason of the hour: how many were answered, by a click or an order credited to them,
    and of how many sent."""
    until = now - ANSWERED_IN
    asked = {"store": store_of(session), "since": until - timedelta(days=days), "until": until}
    return {by: (answered, sent) for by, sent, answered in session.execute(_COUNTED, asked)}
