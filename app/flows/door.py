"""Letting people in, in batches: the answers of `entry` become journeys and decisions.

Four statements whatever the number of people: snapshots aside, one look at earlier journeys, one
insert that a repeat changes nothing by, and the record.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.customers.snapshot import Snapshot
from app.flows import effects as e
from app.flows import record
from app.flows.bulk import insert_many
from app.flows.entry import Answer, Knock, LastTime, answer
from app.jobs import nudge_after_commit
from app.models import Journey, JourneyStatus, Store, new_id
from app.models.rows import STORE, listed, one_of

DUTY = "steps"
_EARLIER = (
    select(
        Journey.flow_id,
        Journey.customer_id,
        Journey.status,
        Journey.arm,
        Journey.entered_at,
        Journey.entry_key,
        Journey.context["rest_until"].astext,
    )
    .ext(distinct_on(Journey.flow_id, Journey.customer_id))
    .where(
        Journey.store_id == STORE,
        one_of(Journey.flow_id, "flows"),
        one_of(Journey.customer_id, "people"),
    )
    .order_by(Journey.flow_id, Journey.customer_id, Journey.entered_at.desc())
)
_LastTimes = dict[tuple[UUID, UUID], LastTime]


def let_in(
    session: Session,
    store: Store,
    knocks: Sequence[Knock],
    people: dict[UUID, Snapshot],
    now: datetime,
) -> int:
    """Answer everybody at the door; how many are inside now."""
    if not knocks:
        return 0
    last = _last_times(session, store.store_id, knocks)
    answers = []
    for knock in knocks:
        place = (knock.flow.flow_id, knock.customer_id)
        if place in last and last[place].entry_key == knock.key:
            continue  # The same cart, order or act again: it has had its answer.
        given = answer(knock, store.store_id, people.get(knock.customer_id), last.get(place), now)
        if given.arm is not None:
            last[place] = _inside(given, given.arm, now)
        answers.append(given)
    inside = _enter(session, store.store_id, answers, now)
    _keep(session, store.store_id, answers, inside, now)
    if inside:
        nudge_after_commit(session, DUTY, store.store_id)
    return len(inside)


def _inside(given: Answer, arm: e.Arm, now: datetime) -> LastTime:
    return LastTime(
        status=JourneyStatus.ACTIVE,
        arm=arm,
        entered_at=now,
        entry_key=given.knock.key,
        rest_until=None,
    )


def _last_times(session: Session, store_id: UUID, knocks: Sequence[Knock]) -> _LastTimes:
    asked = {
        "store": store_id,
        "flows": listed({knock.flow.flow_id for knock in knocks}),
        "people": listed({knock.customer_id for knock in knocks}),
    }
    return {
        (flow_id, customer_id): LastTime(
            status=status,
            arm=arm,
            entered_at=entered_at,
            entry_key=entry_key,
            rest_until=rest_until,
        )
        for flow_id, customer_id, status, arm, entered_at, entry_key, rest_until in session.execute(
            _EARLIER, asked
        )
    }


_Place = tuple[UUID, UUID, str]


def _enter(
    session: Session, store_id: UUID, answers: Sequence[Answer], now: datetime
) -> dict[_Place, UUID]:
    rows = [_row(store_id, given, now) for given in answers if given.arm is not None]
    names = ("flow_id", "customer_id", "entry_key", "journey_id")
    entered = insert_many(session, Journey, rows, *names)
    return {(flow, person, key): journey_id for flow, person, key, journey_id in entered}


def _row(store_id: UUID, given: Answer, now: datetime) -> dict[str, Any]:
    knock = given.knock
    return {
        "store_id": store_id,
        "journey_id": new_id(),
        "flow_id": knock.flow.flow_id,
        "version": knock.flow.version,
        "customer_id": knock.customer_id,
        "entry_key": knock.key,
        "arm": given.arm,
        "status": JourneyStatus.ACTIVE,
        "step": knock.flow.definition.first,
        "step_since": now,
        "due_at": now,
        "entered_at": now,
        "context": {**knock.context, "began_at": min(knock.occurred_at, now).isoformat()},
    }


def _keep(
    session: Session,
    store_id: UUID,
    answers: Sequence[Answer],
    inside: dict[_Place, UUID],
    now: datetime,
) -> None:
    rows = []
    for given in answers:
        flow, person = given.knock.flow, given.knock.customer_id
        journey_id = inside.get((flow.flow_id, person, given.knock.key))
        if given.record is None or (given.arm is not None and journey_id is None):
            continue
        place = (flow.flow_id, flow.version)
        row = record.at_the_door(store_id, person, place, given.record, now)
        rows.append({**row, "journey_id": journey_id})
    record.keep(session, rows)
