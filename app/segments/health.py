"""How the segments of a store do: their size, whether they grow, and their days. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Segment, SegmentDay
from app.segments.kept import list_segments
from app.segments.risk import Risk, risk_of
from app.segments.trend import Trend, trend_of
from app.tenancy import store_of

WEEK, _LONGEST = timedelta(days=7), timedelta(days=14)
SHOWN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Health:
    """`today` None: it has not been counted yet."""

    segment: Segment
    today: SegmentDay | None
    trend: Trend

    @property
    def risk(self) -> Risk | None:
        return risk_of(self.today) if self.today else None


def health(session: Session) -> list[Health]:
    """Of every segment, by its last count and the one of a week before that."""
    newest = select(func.max(SegmentDay.day)).where(SegmentDay.store_id == store_of(session))
    rows = session.scalars(
        select(SegmentDay).where(
            SegmentDay.store_id == store_of(session),
            SegmentDay.day >= newest.scalar_subquery() - _LONGEST,
        )
    )
    days: dict[UUID, list[SegmentDay]] = {}
    for row in rows:
        days.setdefault(row.segment_id, []).append(row)
    return [health_of(each, days.get(each.segment_id, [])) for each in list_segments(session)]


def days_of(session: Session, segment: Segment, today: date) -> Sequence[SegmentDay]:
    """Its counts of the last ninety days, the first first."""
    found = select(SegmentDay).where(
        SegmentDay.store_id == store_of(session),
        SegmentDay.segment_id == segment.segment_id,
        SegmentDay.day > today - SHOWN,
    )
    return session.scalars(found.order_by(SegmentDay.day)).all()


def health_of(segment: Segment, days: Sequence[SegmentDay]) -> Health:
    """By its counts, of which at least the last fortnight's are among `days`."""
    if not days:
        return Health(segment, None, Trend.NEW)
    today = max(days, key=_day)
    before = [each for each in days if today.day - _LONGEST <= each.day <= today.day - WEEK]
    was = max(before, key=_day).people if before else None
    return Health(segment, today, trend_of(today.people, was))


def _day(each: SegmentDay) -> date:
    return each.day
