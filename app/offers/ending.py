"""How an offer ends: used by an order, revoked with its journey, or expired.

Must never take a code away from a person who has been told about it: a promise in an inbox holds
until the day it names.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.orm import Session

from app.customers.changes import Change, ChangeKind
from app.jobs import nudge_after_commit
from app.models import Journey, JourneyStatus, Message, MessageStatus, Offer, Order
from app.models.rows import STORE, among, listed, one_of
from app.offers.codes import canonical
from app.offers.want import DUTY
from app.reasons import Reason
from app.tenancy import store_of

_OPEN = ("wanted", "live")
_ORDERS = (ChangeKind.ORDER_PLACED, ChangeKind.ORDER_CHANGED)


def revoke_for(session: Session, journey_ids: Iterable[UUID], now: datetime) -> int:
    """Take back the offers of journeys that ended without using them; how many were taken back.

    One that a message shows which is out, or may be, stays until it expires; so does one that a
    message of a completed journey is still about to show.
    """
    store_id = store_of(session)
    revoked = session.scalars(
        update(Offer)
        .where(
            Offer.store_id == store_id,
            among(Offer.journey_id, journey_ids),
            Offer.status.in_(_OPEN),
            ~_promised(),
        )
        .values(status="revoked", due_at=now)
        .returning(Offer.offer_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    if revoked:
        nudge_after_commit(session, DUTY, store_id)
    return len(revoked)


def _promised() -> ColumnElement[bool]:
    # A text may carry the code in its link alone, where nobody can read it.
    shows_it = Message.context["offer"].astext == Offer.name
    # Given up after its answer was lost, and refused by nobody: it may be out all the same.
    may_be_out = and_(
        Message.status == MessageStatus.FAILED,
        Message.error_code.is_(None),
        Message.sent_at.is_not(None),
    )
    unsent = [MessageStatus.PLANNED, MessageStatus.HELD, MessageStatus.FAILED]
    gone_out = or_(Message.status.not_in(unsent), may_be_out)
    still_due = and_(
        Message.status == MessageStatus.PLANNED, Journey.status == JourneyStatus.COMPLETED
    )
    return (
        select(Message.message_id)
        .join(
            Journey,
            and_(Journey.store_id == Message.store_id, Journey.journey_id == Message.journey_id),
        )
        .where(
            Message.store_id == Offer.store_id,
            Message.journey_id == Offer.journey_id,
            shows_it,
            or_(gone_out, still_due),
        )
        .exists()
    )


_CODES = select(Order.discount_codes).where(
    Order.store_id == STORE, one_of(Order.order_key, "keys"), Order.counts
)
_USE = (
    update(Offer)
    .where(Offer.store_id == STORE, one_of(Offer.code, "codes"), Offer.status != "refused")
    .values(status="used", due_at=None)
    .returning(Offer.offer_id)
    .execution_options(synchronize_session="fetch")
)


def mark_used(session: Session, changes: Sequence[Change], now: datetime) -> int:
    """Close the offers whose codes stand on the orders in `changes`; how many were closed."""
    store_id = store_of(session)
    order_keys = [change.values["order_key"] for change in changes if change.kind in _ORDERS]
    if not order_keys:
        return 0
    codes = {
        canonical(code)
        for row in session.scalars(_CODES, {"store": store_id, "keys": listed(order_keys)})
        for code in row
    }
    if not codes:
        return 0
    used = session.scalars(_USE, {"store": store_id, "codes": listed(codes)}).all()
    return len(used)


def close_gone(session: Session, platform_key: str) -> int:
    """Close the offer whose code somebody took away at the shop: nobody may be told of it now."""
    closed = session.scalars(
        update(Offer)
        .where(
            Offer.store_id == store_of(session),
            Offer.platform_key == platform_key,
            Offer.status.in_(_OPEN),
        )
        .values(status="expired", due_at=None)
        .returning(Offer.offer_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    return len(closed)


def let_go(session: Session) -> int:
    """Stop making and unmaking codes for a store that has left: its shop is closed to us."""
    over = session.scalars(
        update(Offer)
        .where(Offer.store_id == store_of(session), Offer.due_at.is_not(None))
        .values(
            status=case((Offer.status == "wanted", "refused"), else_=Offer.status),
            reason=Reason.STORE_GONE,
            due_at=None,
        )
        .returning(Offer.offer_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    return len(over)


def sweep(session: Session, now: datetime) -> int:
    """Close what has expired. The shop ends its code itself, at the moment it was made with."""
    expired = session.scalars(
        update(Offer)
        .where(
            Offer.store_id == store_of(session),
            Offer.status.in_(_OPEN),
            Offer.expires_at <= now,
        )
        .values(status="expired", due_at=None)
        .returning(Offer.offer_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    return len(expired)
