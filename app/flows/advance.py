"""Moving journeys that are due: claim, look, decide, arrange, write. One transaction for a batch.

A claim is a lease, taken in a transaction of its own: a worker that dies loses it and nothing else.
One journey that breaks us never holds up the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.customers import load_snapshots
from app.customers.snapshot import Snapshot
from app.flows import effects as e
from app.flows import record
from app.flows.act import Decided, Rows, act, ids_of, plan_all, wish
from app.flows.arbiter import Wish
from app.flows.attention import arrange_all
from app.flows.claims import Claim, claim_due, lock_people, ours
from app.flows.decide import decide
from app.flows.definition import Definition, WaitBest
from app.flows.endings import Ending, make_ending
from app.flows.hours import whereabouts
from app.flows.known import versions
from app.flows.learnt import load_learnt
from app.flows.leave import leave
from app.flows.park import park
from app.flows.views import view
from app.models import Journey, JourneyStatus, Offer, Store, StoreHabits
from app.models.rows import STORE, listed, one_of
from app.offers import revoke_for
from app.points import Point, pass_point
from app.reasons import Reason
from app.stores.connections import Connections
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction
from app.trouble import is_passing

_SOON = timedelta(seconds=5)
_OFFERS = select(Offer).where(Offer.store_id == STORE, one_of(Offer.journey_id, "journeys"))
_HOURS = select(StoreHabits.hours).where(StoreHabits.store_id == STORE)
_log = structlog.get_logger(__name__)


def advance_due(store_id: UUID, connections: Connections, limit: int) -> int:
    """Take the due steps of one store; returns how many journeys were looked at."""
    now = clock.now()
    with store_transaction(store_id) as session:
        claim = claim_due(session, store_id, now, limit)
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


def _one_by_one(store_id: UUID, claim: Claim, now: datetime) -> None:
    """Find the journey that breaks the batch, and leave it for an hour."""
    for journey_id, customer_id in zip(claim.journey_ids, claim.customer_ids, strict=True):
        try:
            with store_transaction(store_id) as session:
                _advance(session, store_id, Claim((journey_id,), (customer_id,), claim.until), now)
        except Exception as error:
            if is_passing(error):
                continue  # No journey's fault: its lease ends, and the sweep finds it.
            with store_transaction(store_id) as session:
                for journey in ours(session, store_id, [journey_id], claim.until):
                    park(session, journey, error, now)


def _advance(session: Session, store_id: UUID, claim: Claim, now: datetime) -> None:
    # The people first: whoever plans for a person holds their row.
    free = lock_people(session, store_id, claim.customer_ids)
    journeys = ours(session, store_id, claim.journey_ids, claim.until)
    for journey in journeys:
        if journey.customer_id not in free:
            journey.due_at, journey.lease_until = now + _SOON, None
    mine = [journey for journey in journeys if journey.customer_id in free]
    _settle(session, this_store(session), mine, now)


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
    answers = _answers(session, store.store_id, known.values())
    learnt = load_learnt(session, journeys, known)
    every = []
    for journey in journeys:
        definition, person = known[journey.flow_id, journey.version], people[journey.customer_id]
        situation = e.Situation(
            timezone=whereabouts(person, store.timezone).timezone,
            answers=answers,
            offers=offers[journey.journey_id],
            waves=learnt.waves.get(journey.flow_id, {}),
            drawn=learnt.drawn.get((journey.flow_id, journey.customer_id), {}),
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
    ids = listed(journey.journey_id for journey in journeys)
    for offer in session.scalars(_OFFERS, {"store": store_id, "journeys": ids}):
        state = e.OfferState(status=offer.status, expires_at=offer.expires_at, reason=offer.reason)
        found[offer.journey_id][offer.name] = state
    return found


def _answers(
    session: Session, store_id: UUID, definitions: Iterable[Definition]
) -> tuple[int, ...]:
    """The store's hours, where one of these flows asks for the best."""
    if not any(isinstance(n, WaitBest) for d in definitions for n in d.nodes.values()):
        return ()
    return tuple(session.scalar(_HOURS, {"store": store_id}) or ())


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
