"""What the best hour of a message has brought, beside a random one."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.experiments.hours import Answers, HoursFound, judge_hours
from app.messages import count_by_hour
from app.reasons import Reason

DAYS = 180


def read_hours(session: Session, now: datetime, days: int = DAYS) -> HoursFound:
    """Of the messages that waited for the best time in the last `days`."""
    found = count_by_hour(session, now, days)
    return judge_hours(
        Answers(*found.get(Reason.BEST_HOUR, ())), Answers(*found.get(Reason.RANDOM_HOUR, ()))
    )
