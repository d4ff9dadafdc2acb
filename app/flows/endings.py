"""When a journey is over whatever its next step is: goal, purchase, exits, a cart or order gone.

Pure. Looked at before every step, and again by `triggers` the moment an event arrives.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.customers.snapshot import Snapshot
from app.flows import definition as d
from app.flows import effects as e
from app.flows.happenings import ORDER_PLACED, happened
from app.reasons import Outcome, Reason
from app.segments import holds

ENDED_BY_PURCHASE = frozenset(
    {
        d.Purpose.CART,
        d.Purpose.WELCOME,
        d.Purpose.NURTURE,
        d.Purpose.RE_ENGAGEMENT,
        d.Purpose.WIN_BACK,
    }
)
"""A buyer has answered these (C20), whether the file says so or not."""


@dataclass(frozen=True, slots=True)
class Ending:
    end: e.End
    record: e.Record


def ending(
    definition: d.Definition, journey: e.JourneyView, snapshot: Snapshot, now: datetime
) -> Ending | None:
    """Why the journey is over, or None. A success is found before anything else."""
    if snapshot.erased:
        return make_ending(Reason.PERSON_ERASED, {})
    return (
        _by_goal(definition, journey, snapshot)
        or _by_purchase(definition, journey, snapshot)
        or _by_cart(journey, snapshot)
        or _by_own_order(journey, snapshot)
        or _by_exit(definition, journey, snapshot, now)
    )


def make_ending(
    reason: Reason, compared: dict[str, Any], converted_at: datetime | None = None
) -> Ending:
    record = e.Record(step=None, outcome=Outcome.ENDED, reason=reason, compared=compared)
    return Ending(e.End(reason=reason, left=True, converted_at=converted_at), record)


def _by_goal(definition: d.Definition, journey: e.JourneyView, snapshot: Snapshot) -> Ending | None:
    goal = definition.goal
    if goal is None or goal.where is not None:  # The values are seen by `triggers` only.
        return None
    at = happened(goal.event, snapshot, journey.entered_at, journey.context)
    if at is None:
        return None
    return make_ending(Reason.GOAL_REACHED, {"event": goal.event, "at": at.isoformat()}, at)


def _by_purchase(
    definition: d.Definition, journey: e.JourneyView, snapshot: Snapshot
) -> Ending | None:
    if definition.purpose not in ENDED_BY_PURCHASE:
        return None
    # From the event itself: who is created by an order has bought before we hear of them.
    began = journey.context.get("began_at")
    since = datetime.fromisoformat(began) if began else journey.entered_at
    at = happened(ORDER_PLACED, snapshot, since, journey.context)
    if at is None:
        return None
    return make_ending(Reason.ALREADY_ORDERED, {"at": at.isoformat()})


def _by_cart(journey: e.JourneyView, snapshot: Snapshot) -> Ending | None:
    cart_id = journey.context.get("cart_id")
    if cart_id is None or any(str(cart.cart_id) == cart_id for cart in snapshot.carts):
        return None
    started = journey.context.get("cart_started_at")
    for order in snapshot.orders:
        if started and order.placed_at >= datetime.fromisoformat(started):
            return make_ending(Reason.ALREADY_ORDERED, {"order": order.number})
    return make_ending(Reason.CART_GONE, {})


def _by_own_order(journey: e.JourneyView, snapshot: Snapshot) -> Ending | None:
    """Nobody is thanked for, or asked about, a purchase that was undone."""
    order_key = journey.context.get("order_key")
    if order_key is None or snapshot.still_bought(order_key):
        return None
    return make_ending(Reason.ORDER_CANCELLED, {"order_key": order_key})


def _by_exit(
    definition: d.Definition, journey: e.JourneyView, snapshot: Snapshot, now: datetime
) -> Ending | None:
    context = {**journey.context, "entered_at": journey.entered_at}
    for rule in definition.exits:
        if isinstance(rule, d.WhenRule):
            found = holds(rule.when, snapshot, context, now)
            if found.result:
                return make_ending(Reason(rule.reason), dict(found.compared))
        elif rule.where is None:
            at = happened(rule.event, snapshot, journey.entered_at, journey.context)
            if at is not None:
                return make_ending(Reason.EXIT_EVENT, {"event": rule.event, "at": at.isoformat()})
    return None
