"""From kept webhooks to state and journeys: normalise, apply, fire, in one transaction a batch.

A webhook that cannot be read is marked failed with its reason and kept; it never stops the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.orm import Session

from app import clock, customers, db, flows, jobs, metrics
from app.attribution import credit_orders
from app.config import Config
from app.customers import Change, ChangeKind, Incoming
from app.errors import ComebackError
from app.events import CustomerFact, Fact
from app.inbox import connection_facts
from app.inbox.hearing import alone, hear
from app.models import Store, StoreStatus, Webhook, WebhookStatus
from app.models.rows import STORE, given, packed, table_of
from app.offers import mark_used
from app.platforms import ShopFacts
from app.points import Point, pass_point
from app.stores import lifecycle
from app.stores.platforms import reader
from app.tenancy import store_transaction
from app.trouble import is_passing

BATCH = 500
"""Webhooks of one transaction: what is asked of the database is asked once for all of them, so that
more cost less each; few enough for a batch to end within a second."""
_FALLING = 8
"""A batch that breaks is taken again in as many parts, and the part that breaks likewise."""

_WEBHOOKS = table_of(Webhook)
_ASKED = ("webhook_id", "topic", "body", "triggered_at", "received_at")
_TOLD = ("webhook_id", "status", "error")
_OLDEST = (
    select(*(_WEBHOOKS.c[name] for name in _ASKED))
    .where(_WEBHOOKS.c.store_id == STORE, _WEBHOOKS.c.status == WebhookStatus.WAITING)
    .order_by(_WEBHOOKS.c.received_at, _WEBHOOKS.c.webhook_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_told = given(_WEBHOOKS, _TOLD)
_MARK = (
    update(_WEBHOOKS)
    .where(_WEBHOOKS.c.store_id == STORE, _WEBHOOKS.c.webhook_id == _told.c.webhook_id)
    .values(status=_told.c.status, error=_told.c.error, processed_at=bindparam("now"))
)
_MARK_AND_EMPTY = _MARK.values(body=None)
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Taken:
    """A webhook in hand, what it says, and what becomes of its row."""

    webhook_id: UUID
    topic: str
    body: bytes | None
    triggered_at: datetime | None
    received_at: datetime
    facts: Sequence[Fact] = ()
    status: str = WebhookStatus.IGNORED
    error: str | None = None


def process_waiting(store_id: UUID, config: Config, limit: int = BATCH) -> int:
    """Work off up to `limit` waiting webhooks of one store; returns how many were settled.

    A batch that fails as a whole is tried again in parts, down to one, so that one poisonous
    webhook is found, marked and left behind. A database in trouble is no webhook's fault: all
    wait on.
    """
    try:
        settled = _process(store_id, config, limit)
        if settled:
            pass_point(Point.WEBHOOKS_SETTLED)
        return settled
    except Exception as error:
        if is_passing(error):
            _log.warning("database_in_trouble", store_id=str(store_id), error=type(error).__name__)
            return 0
        if limit == 1:
            return _give_up_on_first(store_id, error)
        _log.warning("batch_failed", store_id=str(store_id), error=type(error).__name__)
        return _in_parts(store_id, config, limit)


def _in_parts(store_id: UUID, config: Config, limit: int) -> int:
    part = max(1, limit // _FALLING)
    settled = 0
    while settled < limit:
        more = process_waiting(store_id, config, min(part, limit - settled))
        settled += more
        if not more:
            break
    return settled


def _process(store_id: UUID, config: Config, limit: int) -> int:
    with store_transaction(store_id) as session:
        if not alone(session, store_id):
            return 0  # Another worker is applying this store's webhooks, in order.
        taken = _claim(session, store_id, limit)
        if not taken:
            return 0
        store = lifecycle.this_store(session)
        if store.status == StoreStatus.ERASED:
            return _forget(session, store_id, taken)
        hear(session, [(webhook.topic, webhook.received_at) for webhook in taken])
        for webhook in taken:
            _read(webhook, store)
        _settle(session, store, taken, config)
        now = clock.now()
        _mark(session, store_id, taken, now)
        pass_point(Point.FACTS_APPLIED)
        db.after_commit(session, partial(_count, taken, now))
        if len(taken) == limit:
            jobs.nudge_after_commit(session, "inbox", store_id)
        return len(taken)


def _count(taken: Sequence[_Taken], now: datetime) -> None:
    """How long each waited. Only topics that we know: the name of a topic is not signed."""
    for webhook in taken:
        topic = webhook.topic if webhook.status == WebhookStatus.APPLIED else "other"
        waited = (now - webhook.received_at).total_seconds()
        metrics.WEBHOOK_SECONDS.labels(topic, webhook.status).observe(waited)


def _forget(session: Session, store_id: UUID, taken: Sequence[_Taken]) -> int:
    """Late ones of a store that was erased: what they say must not fill it again."""
    _mark(session, store_id, taken, clock.now(), _MARK_AND_EMPTY)
    return len(taken)


def _mark(
    session: Session,
    store_id: UUID,
    taken: Sequence[_Taken],
    now: datetime,
    statement: Update = _MARK,
) -> None:
    """What became of these webhooks, in one statement: with one each they would be a tenth of it
    all."""
    rows = packed([{name: getattr(webhook, name) for name in _TOLD} for webhook in taken])
    session.execute(statement, {"store": store_id, "now": now, **rows})


def _claim(session: Session, store_id: UUID, limit: int) -> list[_Taken]:
    asked = {"store": store_id, "most": limit}
    found = session.execute(_OLDEST, asked, execution_options=db.IN_BINARY)
    return [_Taken(*row) for row in found.all()]


def _read(webhook: _Taken, store: Store) -> None:
    platform = reader(store.platform, webhook.topic)
    shop = ShopFacts(currency=store.currency, timezone=store.timezone, domain=store.domain)
    try:
        # Some topics carry no clock of their own; then the sender's moment is nearer than ours.
        told_at = webhook.triggered_at or webhook.received_at
        webhook.facts = platform.normalise(webhook.topic, webhook.body or b"", shop, told_at)
    except ComebackError as error:
        webhook.status, webhook.error = WebhookStatus.FAILED, str(error)
        return
    webhook.status = WebhookStatus.APPLIED if webhook.facts else WebhookStatus.IGNORED


def _settle(session: Session, store: Store, taken: Sequence[_Taken], config: Config) -> None:
    now = clock.now()
    about_people = [
        Incoming(fact=fact, source="webhook", live=True)
        for webhook in taken
        for fact in webhook.facts
        if isinstance(fact, CustomerFact)
    ]
    take_changes(session, store, customers.apply(session, about_people, now, keys=config.keys))
    for webhook in taken:
        for fact in webhook.facts:
            if not isinstance(fact, CustomerFact):
                connection_facts.act(session, store, fact, config)


def take_changes(session: Session, store: Store, changes: Sequence[Change]) -> None:
    """What a change of state sets off: codes used, journeys entered and ended, money credited."""
    now = clock.now()
    mark_used(session, changes, now)
    flows.fire(session, store, changes, now)
    orders = {
        change.values["order_key"]
        for change in changes
        if change.kind in {ChangeKind.ORDER_PLACED, ChangeKind.ORDER_CHANGED}
    }
    if orders:
        credit_orders(session, store, orders, now)


def _give_up_on_first(store_id: UUID, error: Exception) -> int:
    """Mark the webhook that breaks us as failed; `comeback webhooks replay` tries it again."""
    with store_transaction(store_id) as session:
        taken = _claim(session, store_id, 1)
        for webhook in taken:
            webhook.status = WebhookStatus.FAILED
            webhook.error = f"{type(error).__name__} while applying it"
            _log.error("webhook_failed", store_id=str(store_id), webhook_id=str(webhook.webhook_id))
        _mark(session, store_id, taken, clock.now())
        return len(taken)


def replay(session: Session, store_id: UUID, webhook_ids: Sequence[UUID] | None = None) -> int:
    """Put failed webhooks (or those named) back in line; returns how many."""
    chosen = select(Webhook).where(Webhook.store_id == store_id, Webhook.body.is_not(None))
    if webhook_ids is None:
        chosen = chosen.where(Webhook.status == WebhookStatus.FAILED)
    else:
        chosen = chosen.where(Webhook.webhook_id.in_(webhook_ids))
    webhooks = list(session.scalars(chosen))
    for webhook in webhooks:
        webhook.status, webhook.error, webhook.processed_at = WebhookStatus.WAITING, None, None
    if webhooks:
        jobs.nudge_after_commit(session, "inbox", store_id)
    return len(webhooks)
