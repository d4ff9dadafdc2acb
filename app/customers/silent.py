"""People of whom nothing has been heard for long, so that they can be forgotten in time (law 9).

Heard is what the person did, and a message that reached them; what the shop or we change in their
record is not. Whoever is inside a journey, or has a message on its way, is being talked to. Reads
only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from app.models import (
    UNSENT,
    ConsentEntry,
    Customer,
    Journey,
    JourneyStatus,
    LoggedFact,
    Message,
    MessageStatus,
    Order,
)
from app.models.rows import among
from app.tenancy import store_of

_IN_VAIN = (MessageStatus.HELD, MessageStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing was heard since `since`. `known_before`: whom we know only since then is new to us,
    however long ago their last order was."""

    since: datetime
    known_before: datetime


def silent_people(
    session: Session, silence: Silence, limit: int, *, of: Sequence[UUID] | None = None
) -> list[UUID]:
    """Up to `limit` silent people of the store, or of those named."""
    mine = Customer.store_id == store_of(session)
    statement = select(Customer.customer_id).where(mine, *_unheard(silence))
    if of is not None:
        statement = statement.where(among(Customer.customer_id, of))
    return list(session.scalars(statement.order_by(Customer.customer_id).limit(limit)))


def _unheard(silence: Silence) -> Iterator[ColumnElement[bool]]:
    yield Customer.erased_at.is_(None)
    yield Customer.first_seen_at < silence.since
    # Orders, carts, clicks, scores: whatever they did themselves (`people.absorb`).
    yield func.coalesce(Customer.last_active_at, Customer.first_seen_at) < silence.since
    for model, sign in (
        (Order, Order.placed_at >= silence.since),
        (ConsentEntry, ConsentEntry.occurred_at >= silence.since),
        (Journey, Journey.status == JourneyStatus.ACTIVE),
        (Message, _reached_since(silence.since)),
    ):
        yield ~exists().where(*_of_person(model), sign)
    yield exists().where(*_of_person(LoggedFact), LoggedFact.recorded_at < silence.known_before)


def _of_person(
    model: type[Order | ConsentEntry | Journey | Message | LoggedFact],
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return model.store_id == Customer.store_id, model.customer_id == Customer.customer_id


def _reached_since(since: datetime) -> ColumnElement[bool]:
    reached = (Message.sent_at >= since) & Message.status.not_in(_IN_VAIN)
    return or_(Message.status.in_(UNSENT), reached)
