"""What a batch of changes sets off, in the transaction that made them: journeys end, wake, begin.

Endings come first, so that an order ends the reminder before it begins the thank-you. The number of
statements does not depend on the number of changes. What is not live may end a journey, and never
begins one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.customers import Change, ChangeKind, load_snapshots
from app.customers.snapshot import Snapshot
from app.flows import definition as d
from app.flows.door import DUTY, let_in
from app.flows.endings import Ending, ending, make_ending
from app.flows.entry import Knock
from app.flows.happenings import Happening, happening
from app.flows.known import KnownFlow, Versions, open_flows, versions
from app.flows.leave import CONVERTS_WITHIN, inside, leave
from app.flows.views import view
from app.jobs import nudge_after_commit
from app.models import Journey, JourneyStatus, Store
from app.models.rows import STORE, listed, one_of
from app.reasons import Reason
from app.segments import Condition, holds

_MAY_END = frozenset(
    {
        ChangeKind.ORDER_PLACED,
        ChangeKind.ORDER_CHANGED,
        ChangeKind.CART_ENDED,
        ChangeKind.CONSENT_CHANGED,
        ChangeKind.ACTED,
        ChangeKind.MERGED,
    }
)
_JUST_ENDED = select(Journey).where(
    Journey.store_id == STORE,
    one_of(Journey.customer_id, "people"),
    Journey.status != JourneyStatus.ACTIVE,
    Journey.converted_at.is_(None),
    Journey.ended_at > bindparam("since"),
)
_Happenings = Mapping[UUID, Sequence[Happening]]


def fire(session: Session, store: Store, changes: Sequence[Change], now: datetime) -> None:
    """Let these changes do what they do to the store's journeys."""
    happened = [found for change in changes if (found := happening(change)) is not None]
    ids = {c.customer_id for c in changes if c.kind in _MAY_END and c.customer_id is not None}
    journeys = inside(session, store.store_id, ids) if ids else []
    flows = open_flows(session, store) if any(found.live for found in happened) else []
    knocks = [(flow, found) for found in happened for flow in flows if _is_for(flow, found)]
    wanted = {j.customer_id for j in journeys} | {found.customer_id for _, found in knocks}
    people = load_snapshots(session, list(wanted), now) if wanted else {}
    by_person = _by_person(happened)
    _end_and_wake(session, store, journeys, _Seen(people, by_person, now))
    _convert_late(session, store, by_person, now)
    let_in(session, store, _knocks(knocks, people, now), dict(people), now)


def _by_person(happened: Sequence[Happening]) -> _Happenings:
    found: dict[UUID, list[Happening]] = defaultdict(list)
    for one in happened:
        found[one.customer_id].append(one)
    return found


class _Seen:
    """What this batch knows: the people, what each has just done, and the moment."""

    def __init__(
        self, people: Mapping[UUID, Snapshot], happened: _Happenings, now: datetime
    ) -> None:
        self.people, self.happened, self.now = people, happened, now

    def holds(self, condition: Condition | None, journey: Journey, found: Happening) -> bool:
        """Whether an act is of the kind a rule asks for; its own values can be compared."""
        if condition is None:
            return True
        context = {**journey.context, **found.remembers, "entered_at": journey.entered_at}
        return holds(condition, self.people[journey.customer_id], context, self.now).result

    def fits(self, rule: d.Exit | None, journey: Journey, found: Happening) -> bool:
        """Whether an act is what a rule with a `where` is about; the others are `ending`'s."""
        if not isinstance(rule, d.EventRule) or rule.where is None or rule.event != found.event:
            return False
        return self.holds(rule.where, journey, found)


def _end_and_wake(session: Session, store: Store, journeys: Sequence[Journey], seen: _Seen) -> None:
    pairs = {(journey.flow_id, journey.version) for journey in journeys}
    definitions = versions(session, store.store_id, pairs)
    ended: list[tuple[Journey, Ending]] = []
    for journey in _after_merges(journeys, ended):
        definition = definitions[journey.flow_id, journey.version]
        if journey.customer_id not in seen.people:
            continue
        over = _by_act(definition, journey, seen) or ending(
            definition, view(journey), seen.people[journey.customer_id], seen.now
        )
        if over is not None:
            ended.append((journey, over))
        elif _hear(definition, journey, seen):
            nudge_after_commit(session, DUTY, store.store_id)
    leave(session, ended, seen.now)


def _after_merges(
    journeys: Sequence[Journey], ended: list[tuple[Journey, Ending]]
) -> list[Journey]:
    """Two rows that became one person may be in one flow twice: the older journey goes on."""
    kept: dict[tuple[UUID, UUID], Journey] = {}
    for journey in sorted(journeys, key=lambda j: (j.entered_at, j.journey_id)):
        first = kept.setdefault((journey.flow_id, journey.customer_id), journey)
        if first is not journey:
            values = {"journey_id": str(first.journey_id)}
            ended.append((journey, make_ending(Reason.MERGED_AWAY, values)))
    return list(kept.values())


def _by_act(definition: d.Definition, journey: Journey, seen: _Seen) -> Ending | None:
    """Goals and exits that look at the act's own values, which only this moment knows."""
    for found in seen.happened.get(journey.customer_id, ()):
        if found.at < journey.entered_at:
            continue
        values = {"event": found.event, "at": found.at.isoformat()}
        if seen.fits(definition.goal, journey, found):
            return make_ending(Reason.GOAL_REACHED, values, found.at)
        if any(seen.fits(rule, journey, found) for rule in definition.exits):
            return make_ending(Reason.EXIT_EVENT, values)
    return None


def _hear(definition: d.Definition, journey: Journey, seen: _Seen) -> bool:
    """Wake a journey that waits for what has just happened."""
    node = definition.nodes.get(journey.step or "")
    if not isinstance(node, d.WaitEvent):
        return False
    start = journey.entered_at if node.clock is d.Clock.ENTRY else journey.step_since
    for found in seen.happened.get(journey.customer_id, ()):
        fits = found.event == node.event and found.at >= start
        if fits and seen.holds(node.where, journey, found):
            heard = {**journey.context.get("heard", {}), node.id: found.at.isoformat()}
            journey.context = {**journey.context, "heard": heard}
            journey.due_at = seen.now
            return True
    return False


def _convert_late(session: Session, store: Store, happened: _Happenings, now: datetime) -> None:
    """A goal reached soon after a journey has run out counts for it, in both arms alike."""
    events = {found.event for each in happened.values() for found in each}
    if not events:
        return
    asked = {"store": store.store_id, "people": listed(happened), "since": now - CONVERTS_WITHIN}
    ended = session.scalars(_JUST_ENDED, asked).all()
    definitions = versions(session, store.store_id, {(j.flow_id, j.version) for j in ended})
    for journey in ended:
        journey.converted_at = _goal_at(definitions, journey, happened[journey.customer_id])


def _goal_at(
    definitions: Versions, journey: Journey, happened: Sequence[Happening]
) -> datetime | None:
    goal = definitions[journey.flow_id, journey.version].goal
    if goal is None or goal.where is not None:
        return None
    own = journey.context.get("order_key")
    moments = [
        found.at
        for found in happened
        if found.event == goal.event and found.at >= journey.entered_at and found.key != own
    ]
    return min(moments, default=None)


def _is_for(flow: KnownFlow, found: Happening) -> bool:
    trigger = flow.definition.trigger
    return found.live and isinstance(trigger, d.EventTrigger) and trigger.event == found.event


def _knocks(
    found: Sequence[tuple[KnownFlow, Happening]], people: Mapping[UUID, Snapshot], now: datetime
) -> list[Knock]:
    knocks = []
    for flow, what in found:
        person = people.get(what.customer_id)
        if person is None or not _asked_for(flow, what, person, now):
            continue
        knocks.append(
            Knock(
                flow=flow,
                customer_id=what.customer_id,
                key=what.key,
                occurred_at=what.at,
                context={**what.remembers, **_cart_started(what, person)},
            )
        )
    return knocks


def _asked_for(flow: KnownFlow, what: Happening, person: Snapshot, now: datetime) -> bool:
    """An act that is not of the kind the trigger names is no act for this flow at all."""
    trigger = flow.definition.trigger
    assert isinstance(trigger, d.EventTrigger)
    if trigger.where is None:
        return True
    return holds(trigger.where, person, {**what.remembers, "entered_at": now}, now).result


def _cart_started(what: Happening, person: Snapshot) -> dict[str, Any]:
    cart_id = what.remembers.get("cart_id")
    started = [cart.started_at for cart in person.carts if str(cart.cart_id) == cart_id]
    return {"cart_started_at": started[0].isoformat()} if started else {}
