"""How large each segment is, what its people have spent and how likely they are to leave: kept for
each day, all segments of a store in one pass through it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Segment, SegmentDay, Store, StoreMeasure
from app.models.rows import put
from app.segments.counting import PASS, count
from app.segments.planting import plant

EVERY = timedelta(days=1)


def count_due(session: Session, store: Store, now: datetime, most: int = PASS) -> int:
    """Count the segments that are due, or `most` of them; how many were."""
    plant(session, now)
    due = _due(session, store, now, most)
    if due:
        day = now.astimezone(ZoneInfo(store.timezone)).date()
        counted = count(session, store, due, now)
        rows = [
            {"store_id": store.store_id, "segment_id": each.segment_id, "day": day, **figures}
            for each, figures in zip(due, counted, strict=True)
        ]
        put(session, SegmentDay, rows)
        _next_time(session, store, due, now)
    return len(due)


def put_off_first(session: Session, store: Store, now: datetime) -> None:
    """The first of those that are due cannot be counted: it waits for the next day."""
    for each in _due(session, store, now, 1):
        each.due_at = now + EVERY


def _due(session: Session, store: Store, now: datetime, most: int) -> Sequence[Segment]:
    return session.scalars(
        select(Segment)
        .where(Segment.store_id == store.store_id, Segment.due_at <= now)
        .order_by(Segment.segment_id)
        .limit(most)
    ).all()


def put_off_counts(session: Session, store: Store, now: datetime) -> None:
    """Nobody asks how large the segments of a store that has left are."""
    session.execute(
        update(Segment)
        .where(Segment.store_id == store.store_id, Segment.due_at <= now)
        .values(due_at=now + EVERY)
    )


def _next_time(session: Session, store: Store, due: Sequence[Segment], now: datetime) -> None:
    """When everybody's standing is next brought up to date, which is done first."""
    measure = session.get(StoreMeasure, store.store_id)
    walked_at = measure.due_at if measure is not None else now
    for each in due:
        each.due_at = walked_at if walked_at > now else now + EVERY
