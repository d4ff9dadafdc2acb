"""Finding the work that lost its nudge: reads one index per duty, asks again, changes nothing."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from app import clock, jobs
from app.models import (
    UNSENT,
    Backfill,
    ConsentWriteback,
    Erasure,
    Journey,
    JourneyStatus,
    Message,
    Offer,
    OutboundCall,
    ProfileUpsert,
    Store,
    StoreStatus,
    Webhook,
    WebhookStatus,
)
from app.points import Point, pass_point
from app.tenancy import platform_transaction


def nudge_all() -> int:
    """Nudge every store and duty with due work; returns how many nudges were asked for."""
    found, asked = due_stores(), 0
    pass_point(Point.WORK_FOUND)
    for duty, store_ids in found.items():
        for store_id in store_ids:
            jobs.nudge(duty, store_id)
            asked += 1
    return asked


def due_stores() -> dict[str, set[UUID]]:
    """The stores with due work, by duty."""
    found: dict[str, set[UUID]] = {duty: set() for duty in jobs.DUTIES}
    with platform_transaction("find stores with due work") as session:
        for duty, statement in _due():
            found[duty].update(session.scalars(statement))
    return found


def active_stores() -> list[UUID]:
    """Every store that is connected now."""
    with platform_transaction("list the connected stores") as session:
        return list(
            session.scalars(select(Store.store_id).where(Store.status == StoreStatus.ACTIVE))
        )


def all_stores() -> list[UUID]:
    """Every store there ever was: what is kept of one that left grows old as well."""
    with platform_transaction("list every store") as session:
        return list(session.scalars(select(Store.store_id)))


def _due() -> Iterable[tuple[str, Select[UUID]]]:
    now = clock.now()
    yield "inbox", _stores(Webhook.store_id, Webhook.status == WebhookStatus.WAITING)
    yield (
        "steps",
        _stores(Journey.store_id, Journey.status == JourneyStatus.ACTIVE, Journey.due_at <= now),
    )
    yield "offers", _stores(Offer.store_id, Offer.due_at <= now)
    yield "messages", _stores(Message.store_id, Message.status.in_(UNSENT), Message.due_at <= now)
    for waiting in (ConsentWriteback, Erasure, OutboundCall):
        yield "sync", _stores(waiting.store_id, waiting.done_at.is_(None), waiting.due_at <= now)
    yield "sync", _stores(ProfileUpsert.store_id, ProfileUpsert.due_at <= now)
    yield "sync", _stores(Backfill.store_id, Backfill.finished_at.is_(None), Backfill.due_at <= now)


def _stores(column: InstrumentedAttribute[UUID], *conditions: ColumnElement[bool]) -> Select[UUID]:
    return select(column).where(*conditions).distinct()
