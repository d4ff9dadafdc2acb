"""How much of a person's attention all flows together have asked for, counted in one place.

What was accepted, is on its way or is planned counts; what was held or refused does not. Must read
only: who yields to whom is decided by the arbiter and by the caps at the send.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.models import Message, MessageStatus
from app.models.rows import STORE, listed, one_of
from app.tenancy import store_of

DAY = timedelta(hours=23)
"""A cap's day. Not 24 hours: a message at the same hour of the next day would find the last one a
few seconds too young and slip, a little more each day, until a cart's text is past its 48 hours."""

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)

_ASKED_NOTHING = (MessageStatus.HELD, MessageStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One message that takes of a person's attention, at the moment it was or will be sent."""

    message_id: UUID
    journey_id: UUID
    channel: str
    commercial: bool
    at: datetime
    planned: bool
    purpose: str
    cart_id: str | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """The messages of one person from a month ago to a month ahead, oldest first."""

    messages: tuple[Asked, ...] = field(default=())

    def without(self, message_id: UUID) -> "Attention":
        """What everything but this message asks: a repeat must not stand in its own way."""
        return Attention(tuple(m for m in self.messages if m.message_id != message_id))

    def count(self, channel: str, since: datetime, until: datetime, planned: bool = False) -> int:
        """Messages on `channel` within (since, until]; the planned ones only when asked for."""
        return sum(
            m.channel == channel and since < m.at <= until and (planned or not m.planned)
            for m in self.messages
        )

    def times(self, channel: str | None, commercial_only: bool = False) -> list[datetime]:
        """When messages were sent, oldest first; None is every channel."""
        return [
            m.at
            for m in self.messages
            if not m.planned
            and (channel is None or m.channel == channel)
            and (m.commercial or not commercial_only)
        ]

    def texts_for_cart(self, cart_id: str) -> int:
        """Texts already sent about one cart (messaging.md 3.1: at most one)."""
        return sum(
            m.channel == "sms" and m.cart_id == cart_id and not m.planned for m in self.messages
        )


NOTHING = Attention()
_AT = func.coalesce(Message.sent_at, Message.due_at)
_ASKED = (
    select(
        Message.customer_id,
        Message.message_id,
        Message.journey_id,
        Message.channel,
        Message.commercial,
        Message.purpose,
        Message.context["cart_id"].astext.label("cart_id"),
        (Message.status == MessageStatus.PLANNED).label("planned"),
        _AT.label("at"),
    )
    .where(
        Message.store_id == STORE,
        one_of(Message.customer_id, "people"),
        Message.status.not_in(_ASKED_NOTHING),
        _AT.between(bindparam("since"), bindparam("until")),
    )
    .order_by(_AT, Message.message_id)
)


def attention(
    session: Session, customer_ids: Iterable[UUID], now: datetime
) -> Mapping[UUID, Attention]:
    """The attention asked of each person, in one statement; everybody given has an entry."""
    found: dict[UUID, list[Asked]] = {customer_id: [] for customer_id in customer_ids}
    of_them = {"store": store_of(session), "people": listed(found)}
    rows = session.execute(_ASKED, {**of_them, "since": now - MONTH, "until": now + MONTH})
    for row in rows.mappings():
        values = dict(row)
        found[values.pop("customer_id")].append(Asked(**values))
    return {customer_id: Attention(tuple(asked)) for customer_id, asked in found.items()}
