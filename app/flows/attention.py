"""The arbiter's edge: gathers what one batch of people is already to get, and writes what moves.

Callers hold the customers' rows locked, so that nobody else plans for the same person meanwhile.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.customers.snapshot import Snapshot
from app.flows.arbiter import Place, Taken, Wish, arrange
from app.flows.effects import Record
from app.flows.hours import Leaving, whereabouts
from app.flows.known import versions
from app.flows.record import of_message
from app.messages.attention import attention
from app.models import Flow, Message, MessageStatus, Store
from app.models.rows import STORE, listed, one_of
from app.points import Point, pass_point
from app.reasons import Outcome
from app.stores.settings import read_settings

_FREE = (
    select(Message, Flow.slug)
    .join(Flow, (Flow.store_id == Message.store_id) & (Flow.flow_id == Message.flow_id))
    .where(
        Message.store_id == STORE,
        one_of(Message.customer_id, "people"),
        Message.status == MessageStatus.PLANNED,
        Message.due_at > bindparam("now"),
        or_(Message.lease_until.is_(None), Message.lease_until <= bindparam("now")),
    )
    .with_for_update(of=Message, skip_locked=True)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A message that has a place and may have to give it up."""

    message: Message
    wish: Wish


def arrange_all(
    session: Session,
    store: Store,
    wishes: Mapping[UUID, Sequence[Wish]],
    people: Mapping[UUID, Snapshot],
    now: datetime,
) -> tuple[dict[str, Place], list[dict[str, Any]]]:
    """A place for every new wish by its key, and the decisions about messages that gave way."""
    if not wishes:
        return {}, []
    settings = read_settings(store.settings)
    planned = _planned(session, store.store_id, list(wishes), now)
    asked = attention(session, list(wishes), now)
    places: dict[str, Place] = {}
    rows: list[dict[str, Any]] = []
    for customer_id, wanted in wishes.items():
        mine = {str(p.message.message_id): p for p in planned.get(customer_id, ())}
        out = [
            Taken(at=m.at, channel=m.channel, commercial=m.commercial)
            for m in asked[customer_id].messages
            if str(m.message_id) not in mine
        ]
        leaving = Leaving(whereabouts(people[customer_id], store.timezone), settings.quiet_hours)
        every = [*(p.wish for p in mine.values()), *wanted]
        for place in arrange(every, out, settings.caps, leaving, now):
            key = str(place.wish.key)
            if key not in mine:
                places[key] = place
            elif place.due_at != place.wish.wanted_at:
                rows.append(_give_way(mine[key].message, place, now))
        pass_point(Point.ARRANGING)
    return places, rows


def _planned(
    session: Session, store_id: UUID, customer_ids: Sequence[UUID], now: datetime
) -> dict[UUID, list[_Planned]]:
    """What is planned for these people and in nobody's hands yet."""
    asked = {"store": store_id, "people": listed(customer_ids), "now": now}
    rows = session.execute(_FREE, asked).all()
    known = versions(session, store_id, {(m.flow_id, m.version) for m, _ in rows})
    found: dict[UUID, list[_Planned]] = defaultdict(list)
    for message, slug in rows:
        wish = Wish(
            key=message.message_id,
            flow=slug,
            channel=message.channel,
            commercial=message.commercial,
            priority=known[message.flow_id, message.version].priority,
            wanted_at=message.due_at,
            deadline_at=message.deadline_at or message.due_at,
            planned=True,
        )
        found[message.customer_id].append(_Planned(message, wish))
    return found


def _give_way(message: Message, place: Place, now: datetime) -> dict[str, Any]:
    """A planned message moves for a more important one; without room it is held, on record."""
    assert place.reason is not None
    message.reason = place.reason
    if place.due_at is None:
        message.status = MessageStatus.HELD
    else:
        message.due_at = place.due_at
        message.moved += 1
    outcome = Outcome.REFUSED if place.due_at is None else Outcome.MOVED
    record = Record(
        step=message.step, outcome=outcome, reason=place.reason, compared=place.compared
    )
    return of_message(message, record, now)
