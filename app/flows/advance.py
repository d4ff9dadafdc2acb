"""Moving journeys that are due: claim, look, decide, arrange, write. One transaction for a batch.

A claim is a lease, taken in a transaction of its own: a worker that dies loses it and nothing else.
One journey that breaks us never holds up the others.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.customers import load_snapshots
from app.customers.snapshot import Snapshot
from app.flows import effects as e
from app.flows import record
from app.flows.act import Decided, Rows, act, ids_of, plan_all, wish
from app.flows.arbiter import Wish
from app.flows.attention import arrange_all
from app.flows.decide import decide
from app.flows.endings import Ending, make_ending
from app.flows.hours import whereabouts
from app.flows.known import versions
from app.flows.leave import leave
from app.flows.park import park
from app.flows.views import view
from app.models import Customer, Flow, FlowStatus, Journey, JourneyStatus, Offer, Store
from app.models.rows import among
from app.offers import revoke_for
from app.points import Point, pass_point
from app.reasons import Reason
from app.stores.connections import Connections
from app.tenancy import store_transaction
from app.trouble import is_passing

LEASE = timedelta(minutes=5)
_SOON = timedelta(seconds=5)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Claim:
    """Journeys that are ours until the lease runs out."""

    journey_ids: tuple[UUID, ...]
    customer_ids: tuple[UUID, ...]
    until: datetime


def advance_due(store_id: UUID, connections: Connections, limit: int) -> int:
    """Take the due steps of one store; returns how many journeys were looked at."""
    now = clock.now()
    with store_transaction(store_id) as session:
        claim = _claim(session, store_id, now, limit)
    if not claim.journey_ids:
        return 0
    pass_point(Point.STEPS_CLAIMED)
    try:
        with store_transaction(store_id) as session:
            _advance(session, store_id, claim, now)
    except Exception as error:
        _log.warning("batch_failed", store_id=str(store_id), error=type(error).__name__)
        _one_by_one(store_id, claim, now)
    pass_point(Point.STEPS_TAKEN)
    return len(claim.journey_ids)


def _one_by_one(store_id: UUID, claim: _Claim, now: datetime) -> None:
    """Find the journey that breaks the batch, and leave it for an hour."""
    for journey_id, customer_id in zip(claim.journey_ids, claim.customer_ids, strict=True):
        try:
            with store_transaction(store_id) as session:
                _advance(session, store_id, _Claim((journey_id,), (customer_id,), claim.until), now)
        except Exception as error:
            if is_passing(error):
                continue  # No journey's fault: its lease ends, and the sweep finds it.
            with store_transaction(store_id) as session:
                for journey in _ours(session, store_id, [journey_id], claim.until):
                    park(session, journey, error, now)


def _claim(session: Session, store_id: UUID, now: datetime, limit: int) -> _Claim:
    journeys = session.scalars(
        select(Journey)
        .join(Flow, (Flow.store_id == Journey.store_id) & (Flow.flow_id == Journey.flow_id))
        .where(
            Journey.store_id == store_id,
            Journey.status == JourneyStatus.ACTIVE,
            Journey.due_at <= now,
            or_(Journey.lease_until.is_(None), Journey.lease_until <= now),
            Flow.status != FlowStatus.PAUSED,
        )
        .order_by(Journey.due_at, Journey.journey_id)
        .limit(limit)
        .with_for_update(of=Journey, skip_locked=True, key_share=True)
    ).all()
    until = now + LEASE
    for journey in journeys:
        journey.lease_until = until
    return _Claim(
        tuple(journey.journey_id for journey in journeys),
        tuple(journey.customer_id for journey in journeys),
        until,
    )


def _advance(session: Session, store_id: UUID, claim: _Claim, now: datetime) -> None:
    # The people first: whoever plans for a person holds their row.
    free = _lock_people(session, store_id, claim.customer_ids)
    journeys = _ours(session, store_id, claim.journey_ids, claim.until)
    for journey in journeys:
        if journey.customer_id not in free:
            journey.due_at, journey.lease_until = now + _SOON, None
    mine = [journey for journey in journeys if journey.customer_id in free]
    store = session.scalars(select(Store).where(Store.store_id == store_id)).one()
    _settle(session, store, mine, now)


def _lock_people(session: Session, store_id: UUID, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those whom nobody else is working on. Rows that point at them can still be written."""
    return set(
        session.scalars(
            select(Customer.customer_id)
            .where(Customer.store_id == store_id, among(Customer.customer_id, set(customer_ids)))
            .order_by(Customer.customer_id)
            .with_for_update(skip_locked=True, key_share=True)
        )
    )


def _ours(
    session: Session, store_id: UUID, journey_ids: Collection[UUID], until: datetime
) -> Sequence[Journey]:
    """The claimed journeys, locked and fresh, as far as the claim still stands."""
    return session.scalars(
        select(Journey)
        .where(
            Journey.store_id == store_id,
            among(Journey.journey_id, journey_ids),
            Journey.status == JourneyStatus.ACTIVE,
            Journey.lease_until == until,
        )
        .order_by(Journey.journey_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _settle(session: Session, store: Store, journeys: Sequence[Journey], now: datetime) -> None:
    people = load_snapshots(session, list({j.customer_id for j in journeys}), now)
    gone = [journey for journey in journeys if journey.customer_id not in people]
    leave(session, [(j, make_ending(Reason.PERSON_ERASED, {})) for j in gone], now)
    here = [journey for journey in journeys if journey.customer_id in people]
    every = _decide_all(session, store, here, people, now)
    wishes: dict[UUID, list[Wish]] = defaultdict(list)
    for decided in every:
        for send in decided.sends():
            wishes[decided.journey.customer_id].append(wish(decided, send))
    places, rows = arrange_all(session, store, wishes, people, now)
    planned = plan_all(session, every, places, now)
    for decided in every:
        rows += _records(decided, planned, now)
    act(session, store, every, now)
    _write(session, every, rows, now)


def _decide_all(
    session: Session,
    store: Store,
    journeys: Sequence[Journey],
    people: Mapping[UUID, Snapshot],
    now: datetime,
) -> list[Decided]:
    known = versions(session, store.store_id, {(j.flow_id, j.version) for j in journeys})
    offers = _offers(session, store.store_id, journeys)
    every = []
    for journey in journeys:
        definition, person = known[journey.flow_id, journey.version], people[journey.customer_id]
        situation = e.Situation(
            timezone=whereabouts(person, store.timezone).timezone,
            offers=offers[journey.journey_id],
        )
        verdict = decide(definition, view(journey), person, situation, now)
        every.append(Decided(journey, definition, verdict))
    return every


def _records(decided: Decided, planned: Rows, now: datetime) -> list[dict[str, Any]]:
    """The decisions of one look in their order; what the arbiter said stands for what was asked."""
    verdict = decided.verdict
    if isinstance(verdict.next, e.End) and verdict.next.left:
        return []  # `leave` writes the only one.
    journey = decided.journey
    return [
        planned[journey.journey_id, each.step]
        if each.reason is Reason.PLANNED
        else record.of_journey(journey, each, now)
        for each in verdict.records
    ]


def _offers(
    session: Session, store_id: UUID, journeys: Sequence[Journey]
) -> dict[UUID, dict[str, e.OfferState]]:
    found: dict[UUID, dict[str, e.OfferState]] = defaultdict(dict)
    rows = session.scalars(
        select(Offer).where(
            Offer.store_id == store_id,
            among(Offer.journey_id, [journey.journey_id for journey in journeys]),
        )
    )
    for offer in rows:
        state = e.OfferState(status=offer.status, expires_at=offer.expires_at, reason=offer.reason)
        found[offer.journey_id][offer.name] = state
    return found


def _write(
    session: Session, every: Sequence[Decided], rows: list[dict[str, Any]], now: datetime
) -> None:
    """Where each journey stands now, and every decision in one statement."""
    left: list[tuple[Journey, Ending]] = []
    done: list[Decided] = []
    for decided in every:
        journey, verdict = decided.journey, decided.verdict
        journey.lease_until = None
        if isinstance(verdict.next, e.End) and verdict.next.left:
            left.append((journey, Ending(verdict.next, verdict.records[-1])))
            continue
        journey.context = dict(verdict.context)
        if isinstance(verdict.next, e.MoveTo):
            journey.step, journey.step_since = verdict.next.step, verdict.next.since
            journey.due_at = verdict.next.due_at
        else:
            _complete(journey, verdict.next, now)
            done.append(decided)
    session.flush()
    leave(session, left, now)
    if done:
        revoke_for(session, ids_of(done), now)
    record.keep(session, rows)


def _complete(journey: Journey, end: e.End, now: datetime) -> None:
    """It ran its course: its last message still goes."""
    journey.status, journey.end_reason = JourneyStatus.COMPLETED, end.reason
    journey.step = journey.due_at = None
    journey.ended_at = now
