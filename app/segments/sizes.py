"""How large each segment is today, what its people have spent and how many of them are at risk of
leaving: of all segments in one pass through the store, so that each table is read once for all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, and_, func, select, update
from sqlalchemy.orm import Session

from app.customers.without_loops import of_everybody
from app.models import Customer, Segment, SegmentDay, Store, StoreMeasure
from app.models.rows import put
from app.segments.planting import plant
from app.segments.risk import at_risk
from app.segments.sql import clause, scope_of
from app.segments.written import condition_of

EVERY = timedelta(days=1)
PASS = 100
"""Segments counted in one statement: three columns each, and PostgreSQL has room for 1,600."""


def count_due(session: Session, store: Store, now: datetime, most: int = PASS) -> int:
    """Count the segments that are due, or `most` of them; how many were."""
    plant(session, now)
    due = session.scalars(
        select(Segment)
        .where(Segment.store_id == store.store_id, Segment.due_at <= now)
        .order_by(Segment.segment_id)
        .limit(most)
    ).all()
    if due:
        day = now.astimezone(ZoneInfo(store.timezone)).date()
        counted = _count(session, store, due, now)
        rows = [
            {"store_id": store.store_id, "segment_id": each.segment_id, "day": day, **figures}
            for each, figures in zip(due, counted, strict=True)
        ]
        put(session, SegmentDay, rows)
        _next_time(session, store, due, now)
    return len(due)


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


def _count(
    session: Session, store: Store, found: Sequence[Segment], now: datetime
) -> list[dict[str, Any]]:
    with of_everybody(session):
        row = session.execute(counting(session, store, found, now)).one()
    return [_figures(row, place) for place in range(len(found))]


def counting(
    session: Session, store: Store, found: Sequence[Segment], now: datetime
) -> Select[Any]:
    """One row with three figures for each segment: people, what they have spent, who is at risk.

    People who are in the same segments are put together first, so that each condition is asked once
    of each person.
    """
    conditions = [condition_of(each.written) for each in found]
    scope = scope_of(session, store, now, conditions)
    inside = [func.coalesce(clause(each, scope), False) for each in conditions]
    risky = at_risk(scope)
    asked = (
        select(
            *(each.label(f"in_{place}") for place, each in enumerate(inside)),
            risky.label("risky"),
            Customer.spent_minor.label("spent"),
        )
        .select_from(scope.source())
        .where(*scope.customers())
        .subquery("asked")
    )
    alike = [column for column in asked.c if column.name != "spent"]
    groups = (
        select(*alike, func.count().label("people"), func.sum(asked.c.spent).label("spent"))
        .group_by(*alike)
        .subquery("groups")
    )
    columns = []
    for place in range(len(found)):
        here = groups.c[f"in_{place}"]
        columns += [
            func.sum(groups.c.people).filter(here),
            func.sum(groups.c.spent).filter(here),
            func.sum(groups.c.people).filter(and_(here, groups.c.risky)),
        ]
    return select(*columns)


def _figures(row: Row[Any], place: int) -> dict[str, Any]:
    people, spent, risky = (int(each or 0) for each in row[3 * place : 3 * place + 3])
    mean = round(spent / people) if people else None
    return {"people": people, "mean_spent_minor": mean, "at_risk": risky}
