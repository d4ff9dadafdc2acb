"""Ending journeys: the row, the messages that were still to go, the codes, the record.

One place, so that however a journey ends nothing of it is left behind. Statements are constant in
number, whatever the number of journeys.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.flows import record
from app.flows.effects import Record
from app.flows.endings import Ending, make_ending
from app.models import Journey, JourneyStatus, Message, MessageStatus, Store
from app.models.rows import STORE, among, listed, one_of
from app.offers import revoke_for
from app.reasons import Outcome, Reason

CONVERTS_WITHIN = timedelta(days=30)
"""A goal reached this long after a journey has ended still counts for it, in either arm."""

_INSIDE = (
    select(Journey)
    .where(
        Journey.store_id == STORE,
        one_of(Journey.customer_id, "people"),
        Journey.status == JourneyStatus.ACTIVE,
    )
    .order_by(Journey.journey_id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def leave(session: Session, ended: Sequence[tuple[Journey, Ending]], now: datetime) -> None:
    """End these journeys: what they had planned is held, and says why."""
    if not ended:
        return
    rows = []
    for journey, ending in ended:
        journey.status = JourneyStatus.EXITED
        journey.end_reason = ending.end.reason
        journey.ended_at = now
        journey.converted_at = journey.converted_at or ending.end.converted_at
        journey.due_at = journey.lease_until = None
        rows.append(record.of_journey(journey, ending.record, now))
    session.flush()
    journeys = {journey.journey_id: journey for journey, _ in ended}
    rows += _hold_messages(session, journeys, now)
    revoke_for(session, list(journeys), now)
    record.keep(session, rows)


def end_for(
    session: Session,
    store: Store,
    customer_ids: Collection[UUID],
    now: datetime,
    reason: Reason = Reason.PERSON_ERASED,
) -> int:
    """End every journey of these people; how many were ended."""
    journeys = inside(session, store.store_id, customer_ids)
    leave(session, [(journey, make_ending(reason, {})) for journey in journeys], now)
    return len(journeys)


def end_all(session: Session, store: Store, now: datetime) -> int:
    """End every journey of a store that is gone; how many were ended."""
    journeys = session.scalars(
        select(Journey)
        .where(Journey.store_id == store.store_id, Journey.status == JourneyStatus.ACTIVE)
        .order_by(Journey.journey_id)
        .with_for_update(key_share=True)
    ).all()
    leave(session, [(journey, make_ending(Reason.STORE_GONE, {})) for journey in journeys], now)
    return len(journeys)


def inside(session: Session, store_id: UUID, customer_ids: Collection[UUID]) -> list[Journey]:
    """The active journeys of these people, locked, in one order for everybody."""
    return list(session.scalars(_INSIDE, {"store": store_id, "people": listed(customer_ids)}))


def _hold_messages(
    session: Session, journeys: Mapping[UUID, Journey], now: datetime
) -> list[dict[str, Any]]:
    held = session.execute(
        update(Message)
        .where(
            Message.store_id == next(iter(journeys.values())).store_id,
            among(Message.journey_id, journeys),
            Message.status == MessageStatus.PLANNED,
            Journey.store_id == Message.store_id,
            Journey.journey_id == Message.journey_id,
        )
        .values(status=MessageStatus.HELD, reason=Journey.end_reason, lease_until=None)
        .returning(Message.message_id, Message.journey_id, Message.step, Message.reason)
        .execution_options(synchronize_session=False)
    )
    return [
        record.of_journey(
            journeys[journey_id],
            Record(step=step, outcome=Outcome.REFUSED, reason=Reason(str(reason))),
            now,
            message_id,
        )
        for message_id, journey_id, step, reason in held
    ]
