"""Taking journeys that are due, so that no other worker has them.

A claim is a lease: who does not come back loses it, and nothing else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.models import Customer, Flow, FlowStatus, Journey, JourneyStatus
from app.models.rows import STORE, listed, one_of

LEASE = timedelta(minutes=5)
_DUE = (
    select(Journey)
    .join(Flow, (Flow.store_id == Journey.store_id) & (Flow.flow_id == Journey.flow_id))
    .where(
        Journey.store_id == STORE,
        Journey.status == JourneyStatus.ACTIVE,
        Journey.due_at <= bindparam("now"),
        or_(Journey.lease_until.is_(None), Journey.lease_until <= bindparam("now")),
        Flow.status != FlowStatus.PAUSED,
    )
    .order_by(Journey.due_at, Journey.journey_id)
    .limit(bindparam("most"))
    .with_for_update(of=Journey, skip_locked=True, key_share=True)
)
_FREE = (
    select(Customer.customer_id)
    .where(Customer.store_id == STORE, one_of(Customer.customer_id, "people"))
    .order_by(Customer.customer_id)
    .with_for_update(skip_locked=True, key_share=True)
)
_OURS = (
    select(Journey)
    .where(
        Journey.store_id == STORE,
        one_of(Journey.journey_id, "journeys"),
        Journey.status == JourneyStatus.ACTIVE,
        Journey.lease_until == bindparam("until"),
    )
    .order_by(Journey.journey_id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Journeys that are ours until the lease runs out."""

    journey_ids: tuple[UUID, ...]
    customer_ids: tuple[UUID, ...]
    until: datetime


def claim_due(session: Session, store_id: UUID, now: datetime, limit: int) -> Claim:
    """Up to `limit` journeys whose step is due, unless their flow is paused."""
    journeys = session.scalars(_DUE, {"store": store_id, "now": now, "most": limit}).all()
    until = now + LEASE
    for journey in journeys:
        journey.lease_until = until
    return Claim(
        tuple(journey.journey_id for journey in journeys),
        tuple(journey.customer_id for journey in journeys),
        until,
    )


def lock_people(session: Session, store_id: UUID, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those whom nobody else is working on. Rows that point at them can still be written."""
    return set(session.scalars(_FREE, {"store": store_id, "people": listed(customer_ids)}))


def ours(
    session: Session, store_id: UUID, journey_ids: Collection[UUID], until: datetime
) -> Sequence[Journey]:
    """The claimed journeys, locked and fresh, as far as the claim still stands."""
    asked = {"store": store_id, "journeys": listed(journey_ids), "until": until}
    return session.scalars(_OURS, asked).all()
