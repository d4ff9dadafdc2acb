"""What waits in the rows for a worker, by the duty that does it: the sweep asks again for it, and
the numbers tell how late it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute

from app.models import (
    UNSENT,
    Backfill,
    ConsentWriteback,
    Erasure,
    Forecast,
    Journey,
    JourneyStatus,
    Lift,
    Message,
    Offer,
    OutboundCall,
    PeopleReport,
    ProfileUpsert,
    Segment,
    ShopSegment,
    StoreHabits,
    StoreMeasure,
    Webhook,
    WebhookStatus,
)


@dataclass(frozen=True, slots=True)
class Due:
    """One table's part of a duty: what of it is due, and the moment since when."""

    duty: str
    since: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    is_due: ColumnElement[bool]


def due_work(now: datetime) -> Iterator[Due]:
    """Of every table that a nudge may be lost of."""
    yield Due("inbox", Webhook.received_at, Webhook.status == WebhookStatus.WAITING)
    acting = Journey.status == JourneyStatus.ACTIVE
    yield Due("steps", Journey.due_at, and_(acting, Journey.due_at <= now))
    yield Due("offers", Offer.due_at, Offer.due_at <= now)
    unsent = Message.status.in_(UNSENT)
    yield Due("messages", Message.due_at, and_(unsent, Message.due_at <= now))
    for row in (ConsentWriteback, Erasure, OutboundCall):
        yield Due("sync", row.due_at, and_(row.done_at.is_(None), row.due_at <= now))
    yield Due("sync", ProfileUpsert.due_at, ProfileUpsert.due_at <= now)
    yield Due("sync", ShopSegment.due_at, ShopSegment.due_at <= now)
    for counted in (StoreMeasure, Segment):
        yield Due("standing", counted.due_at, counted.due_at <= now)
    yield Due("forecasts", Forecast.due_at, Forecast.due_at <= now)
    yield Due("lifts", Lift.due_at, Lift.due_at <= now)
    yield Due("habits", StoreHabits.due_at, StoreHabits.due_at <= now)
    yield Due("reports", PeopleReport.due_at, PeopleReport.due_at <= now)
    unread = Backfill.finished_at.is_(None)
    yield Due("sync", Backfill.due_at, and_(unread, Backfill.due_at <= now))
