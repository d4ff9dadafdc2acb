"""Reading what a shop has changed since the last look, for webhooks that never came.

What is found brings state up to date, credits orders and ends journeys. It begins none: it is too
late for that. So what is fresh is left to its webhook, which may begin one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, customers, flows
from app.customers import Change
from app.events import CustomerFact, Fact
from app.inbox.process import take_changes
from app.inbox.readings import Reading, count_missed, keep_reading, readings
from app.models import Webhook, WebhookStatus
from app.platforms import Page, Resource, Shop
from app.points import Point, pass_point
from app.stores import backfill, lifecycle
from app.tenancy import store_of, store_transaction

FRESH = timedelta(minutes=30)
"""A change this young may still be on its way by webhook."""
OVERLAP = timedelta(minutes=10)
"""Read again at every look: the shop's clock is not ours. What is known changes nothing."""
MOST_PAGES = 100


def was_watched(session: Session) -> bool:
    """Whether this store has been caught up with before."""
    return bool(readings(session))


def catch_up(store_id: UUID, shop: Shop, keys: Sequence[str]) -> int:
    """Read every resource from where it was left; returns how many pages were read."""
    return sum(_catch_up(store_id, shop, resource, keys) for resource in Resource)


def _catch_up(store_id: UUID, shop: Shop, resource: Resource, keys: Sequence[str]) -> int:
    for done in range(MOST_PAGES):
        with store_transaction(store_id) as session:
            reading = _begin(session, resource)
        if reading is None:
            return done
        page = shop.read(resource, reading.cursor, datetime.fromisoformat(reading.since) - OVERLAP)
        pass_point(Point.MISSED_READ)
        with store_transaction(store_id) as session:
            changes = _apply(session, page.facts, keys)
            counted = count_missed(reading, resource, changes)
            keep_reading(session, resource, _after(counted, page))
        pass_point(Point.MISSED_KEPT)
        if page.cursor is None:
            return done + 1
    return MOST_PAGES


def _begin(session: Session, resource: Resource) -> Reading | None:
    """Where to read on; None while the history is read, or webhooks wait that will say the same."""
    store_id = store_of(session)
    history = [row for row in backfill.progress(session) if row.resource == resource]
    waiting = select(Webhook.webhook_id).where(
        Webhook.store_id == store_id, Webhook.status == WebhookStatus.WAITING
    )
    if any(row.finished_at is None for row in history) or session.scalar(waiting.limit(1)):
        return None
    known = readings(session).get(resource)
    if known is not None:
        return known
    # The first time: all that has changed since the history was begun.
    began = min((row.started_at for row in history), default=clock.now() - FRESH)
    return Reading(since=began.isoformat(), first=True)


def _after(reading: Reading, page: Page) -> Reading:
    until = reading.until or (clock.now() - FRESH).isoformat()
    if page.cursor is None:
        since = max(until, reading.since)
        return replace(reading, since=since, until=None, cursor=None, first=False)
    return replace(reading, until=until, cursor=page.cursor)


def _apply(session: Session, facts: Sequence[Fact], keys: Sequence[str]) -> Sequence[Change]:
    now = clock.now()
    late = [
        customers.Incoming(fact=fact, source="catch_up", live=False)
        for fact in facts
        if isinstance(fact, CustomerFact) and fact.updated_at < now - FRESH
    ]
    store = lifecycle.this_store(session)
    changes = customers.apply(session, late, now, keys=keys)
    take_changes(session, store, changes)
    flows.remember_history(session, store, changes, now)
    return changes
