"""Which message an order owes its money to: the last touch within the window of its channel.

Credit is a function of the rows (order, touches, codes, settings) and of nothing else, so that a
recount gives the same answer. A delivery or an open earns nothing, and a holdout never does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from app.models import Credit, Journey, Message, Offer, Order, Store, Touch
from app.stores.settings import CreditWindows, read_settings

HOLDOUT = "holdout"
CODE = "code"
_TAKEN_BACK = ("cancelled", "refunded")


@dataclass(frozen=True, slots=True)
class Claim:
    """A message's claim on an order, made at `at` by a click or by the code it showed."""

    message: Message
    touch: str
    at: datetime


def credit_order(session: Session, store: Store, order_key: str, now: datetime) -> Credit | None:
    """Recount one order: its credit as it should be now, or None when no message earned it."""
    order = session.get(Order, (store.store_id, order_key), populate_existing=True)
    session.execute(
        delete(Credit).where(Credit.store_id == store.store_id, Credit.order_key == order_key)
    )
    if order is None or not _is_purchase(order):
        return None
    windows = read_settings(store.settings).credit
    claim = strongest([*_codes(session, order), *_clicks(session, order)], order, windows)
    if claim is None:
        return None
    credit = Credit(
        store_id=store.store_id,
        order_key=order_key,
        message_id=claim.message.message_id,
        flow_id=claim.message.flow_id,
        channel=claim.message.channel,
        touch=claim.touch,
        amount_minor=order.total_minor,
        reversed_minor=reversed_minor(order),
        currency=order.currency,
        credited_at=order.placed_at,
    )
    session.add(credit)
    session.flush()
    return credit


def strongest(claims: Collection[Claim], order: Order, windows: CreditWindows) -> Claim | None:
    """The latest claim whose window is still open when the order is placed."""
    valid = [
        claim
        for claim in claims
        if timedelta(0) <= order.placed_at - claim.at <= window_of(windows, claim.message.channel)
    ]
    return max(valid, key=lambda c: (c.at, c.touch == CODE, c.message.message_id), default=None)


def window_of(windows: CreditWindows, channel: str) -> timedelta:
    days = {
        "email": windows.email_days,
        "sms": windows.sms_days,
        "whatsapp": windows.whatsapp_days,
    }
    return timedelta(days=days[channel])


def reversed_minor(order: Order) -> int:
    """What was given back: all of it when the order does not stand any more."""
    if not order.counts or order.deleted_at is not None:
        return order.total_minor
    return min(order.refunded_minor, order.total_minor)


def _is_purchase(order: Order) -> bool:
    """One that is unpaid or a test earns nothing; one that was taken back keeps its row."""
    return order.counts or order.status in _TAKEN_BACK or order.deleted_at is not None


def _clicks(session: Session, order: Order) -> list[Claim]:
    rows = session.execute(
        select(Message, Touch.kind, Touch.touched_at)
        .join(
            Message,
            and_(Message.store_id == Touch.store_id, Message.message_id == Touch.message_id),
        )
        .join(
            Journey,
            and_(Journey.store_id == Message.store_id, Journey.journey_id == Message.journey_id),
        )
        .where(
            Touch.store_id == order.store_id,
            Touch.customer_id == order.customer_id,
            Touch.touched_at <= order.placed_at,
            Journey.arm != HOLDOUT,
        )
    )
    return [Claim(message, kind, at) for message, kind, at in rows]


def _codes(session: Session, order: Order) -> list[Claim]:
    """A code is used at the moment of the order, by whoever holds it: one person was shown it."""
    codes = [code.strip().upper() for code in order.discount_codes]
    if not codes:
        return []
    rows = session.scalars(
        select(Message)
        .join(
            Offer,
            and_(Offer.store_id == Message.store_id, Offer.journey_id == Message.journey_id),
        )
        .join(
            Journey,
            and_(Journey.store_id == Message.store_id, Journey.journey_id == Message.journey_id),
        )
        .where(
            Message.store_id == order.store_id,
            Offer.code.in_(codes),
            Message.sent_at <= order.placed_at,
            Journey.arm != HOLDOUT,
            or_(
                func.strpos(func.coalesce(Message.body, ""), Offer.code) > 0,
                func.strpos(func.coalesce(Message.html, ""), Offer.code) > 0,
            ),
        )
        .order_by(Message.sent_at.desc())
        .limit(1)
    )
    return [Claim(message, CODE, order.placed_at) for message in rows]
