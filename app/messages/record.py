"""Writing down what became of a message: the row's new state, and the decision with its reason.

Every outcome leaves a decision row. Must never call anybody, and never commit.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock, offers
from app.messages.verdict import Hold, Move
from app.models import Decision, Journey, JourneyStatus, Message, MessageStatus
from app.reasons import Outcome, Reason

_SAID_ONCE = (
    Reason.NOT_READ_YET,
    Reason.SENDER_BUSY,
    Reason.PROVIDER_BUSY,
    Reason.CHANNEL_BROKEN,
    Reason.OUR_DEFECT,
)
"""A move that repeats again and again is one decision, not thousands."""


def decide(
    session: Session,
    message: Message,
    outcome: Outcome,
    reason: Reason,
    compared: Mapping[str, Any],
) -> None:
    """The decision row: why this was done, with the values behind it."""
    session.add(
        Decision(
            store_id=message.store_id,
            customer_id=message.customer_id,
            flow_id=message.flow_id,
            version=message.version,
            journey_id=message.journey_id,
            message_id=message.message_id,
            step=message.step,
            outcome=outcome,
            reason=reason,
            compared={"channel": message.channel, **compared},
            decided_at=clock.now(),
        )
    )


def hold(
    session: Session, message: Message, journey: Journey, verdict: Hold, now: datetime
) -> None:
    """This message will not be sent; its journey ends too when the verdict says so."""
    message.status, message.reason = MessageStatus.HELD, verdict.reason
    message.lease_until = message.sent_at = None
    decide(session, message, Outcome.REFUSED, verdict.reason, verdict.compared)
    if verdict.exits:
        exit_journey(session, message, journey, verdict.reason, now)
    take_back(session, journey, now)


def take_back(session: Session, journey: Journey, now: datetime) -> None:
    """Of a journey that is over, a code that only an unsent message would have shown."""
    if journey.status != JourneyStatus.ACTIVE:
        session.flush()
        offers.revoke_for(session, [journey.journey_id], now)


def move(session: Session, message: Message, verdict: Move) -> None:
    """This message goes later; it keeps its status, so one that may be out stays unknown."""
    if message.reason != verdict.reason or verdict.reason not in _SAID_ONCE:
        compared = {**verdict.compared, "until": verdict.until.isoformat()}
        decide(session, message, Outcome.MOVED, verdict.reason, compared)
        message.moved += 1
    message.reason, message.due_at = verdict.reason, verdict.until
    message.lease_until = None


def exit_journey(
    session: Session, message: Message, journey: Journey, reason: Reason, now: datetime
) -> None:
    """End a journey that is still going on; a flow that ended it first has the say."""
    if journey.status != JourneyStatus.ACTIVE:
        return
    journey.status, journey.end_reason, journey.ended_at = JourneyStatus.EXITED, reason, now
    journey.due_at = journey.lease_until = None
    if reason is Reason.ALREADY_ORDERED:
        journey.converted_at = journey.converted_at or now
    decide(session, message, Outcome.ENDED, reason, {})
