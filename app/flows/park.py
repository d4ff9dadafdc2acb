"""A journey that breaks us waits for its repair, and its record says so. No other journey waits."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.flows import record
from app.flows.effects import Record
from app.models import Decision, Journey
from app.reasons import Outcome, Reason
from app.trouble import place_of

PARKED = timedelta(hours=1)
_log = structlog.get_logger(__name__)


def park(session: Session, journey: Journey, error: Exception, now: datetime) -> None:
    """Look at it again in an hour; the same step is told of once, however often it breaks."""
    compared = {"error": type(error).__name__, "place": place_of(error)}
    _log.error(
        "journey_failed",
        store_id=str(journey.store_id),
        journey_id=str(journey.journey_id),
        **compared,
    )
    journey.due_at, journey.lease_until = now + PARKED, None
    if not _told(session, journey):
        told = Record(
            outcome=Outcome.MOVED, reason=Reason.OUR_DEFECT, step=journey.step, compared=compared
        )
        record.keep(session, [record.of_journey(journey, told, now)])


def _told(session: Session, journey: Journey) -> bool:
    same = exists().where(
        Decision.store_id == journey.store_id,
        Decision.journey_id == journey.journey_id,
        Decision.reason == Reason.OUR_DEFECT,
        Decision.step.is_not_distinct_from(journey.step),
    )
    return bool(session.scalar(select(same)))
