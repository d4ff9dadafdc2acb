"""The door of a flow: who gets in, who does not, and why. Pure but for the clock handed in.

Must never let a person into one flow twice for the same thing, nor into two journeys of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.customers.snapshot import Snapshot
from app.flows import effects as e
from app.flows.chance import arm_of
from app.flows.known import KnownFlow
from app.models import FlowStatus, JourneyStatus
from app.reasons import Outcome, Reason
from app.segments import holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """Somebody at the door of a flow. `key` is what they come with, once: a cart, an order, an act.

    `context` is what the journey will remember.
    """

    flow: KnownFlow
    customer_id: UUID
    key: str
    occurred_at: datetime
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTime:
    """The person's latest journey in this flow."""

    status: str
    arm: str
    entered_at: datetime
    entry_key: str
    rest_until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`arm` None: refused. `record` None: nothing worth keeping."""

    knock: Knock
    arm: e.Arm | None
    record: e.Record | None


def answer(
    knock: Knock, store_id: UUID, person: Snapshot | None, last: LastTime | None, now: datetime
) -> Answer:
    """Let in, or refuse with the reason and the values compared."""
    if person is None or person.erased:
        return Answer(knock=knock, arm=None, record=None)
    refused = (
        _by_flow(knock, now) or _by_reentry(knock, last, now) or _by_filter(knock, person, now)
    )
    if refused is not None:
        return Answer(knock=knock, arm=None, record=refused)
    definition = knock.flow.definition
    # Whoever was on one side of the experiment stays there.
    arm = (
        e.Arm(last.arm)
        if last
        else arm_of(store_id, definition.slug, knock.customer_id, definition.holdout)
    )
    entered = e.Record(
        step=None,
        outcome=Outcome.ENTERED,
        reason=Reason.HOLDOUT if arm is e.Arm.HOLDOUT else Reason.ENTERED,
        compared={"holdout": f"{definition.holdout}%", "arm": arm, "key": knock.key},
    )
    return Answer(knock=knock, arm=arm, record=entered)


def _by_flow(knock: Knock, now: datetime) -> e.Record | None:
    if knock.flow.status == FlowStatus.PAUSED:
        return _refused(Reason.FLOW_PAUSED, {})
    latest = knock.occurred_at + knock.flow.definition.fresh_for
    if now > latest:
        values = {"occurred_at": knock.occurred_at.isoformat(), "fresh_until": latest.isoformat()}
        return _refused(Reason.TOO_LATE_TO_ENTER, values)
    return None


def _by_reentry(knock: Knock, last: LastTime | None, now: datetime) -> e.Record | None:
    if last is None:
        return None
    rule = knock.flow.definition.reentry
    if last.status == JourneyStatus.ACTIVE:
        return _refused(Reason.ALREADY_INSIDE, {"since": last.entered_at.isoformat()})
    if rule.once:
        return _refused(Reason.REENTRY_TOO_SOON, {"rule": "once"})
    again_at = last.entered_at + rule.after if rule.after else last.entered_at
    if last.rest_until:
        again_at = max(again_at, datetime.fromisoformat(last.rest_until))
    if now < again_at:
        return _refused(Reason.REENTRY_TOO_SOON, {"possible_at": again_at.isoformat()})
    return None


def _by_filter(knock: Knock, person: Snapshot, now: datetime) -> e.Record | None:
    condition = knock.flow.definition.filter
    if condition is None:
        return None
    found = holds(condition, person, {**knock.context, "entered_at": now}, now)
    return None if found.result else _refused(Reason.FILTER_NOT_MET, dict(found.compared))


def _refused(reason: Reason, compared: Mapping[str, Any]) -> e.Record:
    return e.Record(step=None, outcome=Outcome.REFUSED, reason=reason, compared=compared)
