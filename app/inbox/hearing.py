"""Remembering what a shop was heard on: one row per topic, read and written once a batch.

Whoever calls is alone with the store's inbox, so that nothing is lost between read and write.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.models import Heartbeat, Order, Store
from app.models.rows import STORE, keys_of, listed, one_of, table_of
from app.stores.cursors import keep_cursor, read_cursor
from app.stores.heartbeat import FURTHEST, Rhythm, begin, heard
from app.stores.install import last_backfill
from app.stores.platforms import PLATFORMS
from app.tenancy import store_of

LEARNT = "rhythm:orders"
"""The mark that a history has told its rhythm."""

_HEARTBEATS = table_of(Heartbeat)
_EVERY = select(Heartbeat).where(Heartbeat.store_id == STORE).order_by(Heartbeat.topic)
_CHOSEN = _EVERY.where(one_of(Heartbeat.topic, "topics"))
_TRY = select(func.pg_try_advisory_xact_lock(bindparam("key", type_=BigInteger)))
_NEW = insert(_HEARTBEATS)
_WRITE = _NEW.on_conflict_do_update(
    index_elements=keys_of(_HEARTBEATS),
    set_={name: _NEW.excluded[name] for name in ("first_at", "last_at", "week", "hours")},
)


def hear(session: Session, arrivals: Iterable[tuple[str, datetime]]) -> None:
    """Take webhooks, as topic and moment, into the heartbeats of their store."""
    heard_now: dict[str, list[datetime]] = {}
    for topic, at in arrivals:
        heard_now.setdefault(topic, []).append(at)
    known = {row.topic: row for row in heartbeats(session, heard_now)}
    rows = [_row(topic, known.get(topic), times) for topic, times in heard_now.items()]
    if rows:
        _keep(session, rows)


def learn_from_orders(session: Session, store: Store) -> None:
    """A shop's history tells its rhythm before its webhooks have: once, when it has been read.

    From then on the topic of its orders is listened for, even if nothing is ever heard on it.
    """
    store_id, topic = store.store_id, PLATFORMS[store.platform].order_topic
    learnt = read_cursor(session, LEARNT)
    if learnt or last_backfill(session) is None or not alone(session, store_id):
        return
    now = clock.now()
    hours = (
        select(func.date_trunc("hour", Order.placed_at))
        .distinct()
        .where(Order.store_id == store_id, Order.placed_at > now - FURTHEST, Order.placed_at <= now)
    )
    known = {row.topic: row for row in heartbeats(session, [topic])}
    # Listening begins now, however long ago the last order was.
    times = [*session.scalars(hours), *([] if topic in known else [now])]
    if times:
        _keep(session, [_row(topic, known.get(topic), sorted(times))])
    keep_cursor(session, LEARNT, True)


def alone(session: Session, store_id: UUID) -> bool:
    """Whether the store's inbox is ours until the end of this transaction."""
    key = int.from_bytes(store_id.bytes[-8:], "big", signed=True)
    return bool(session.scalar(_TRY, {"key": key}))


def heartbeats(session: Session, topics: Iterable[str] | None = None) -> list[Heartbeat]:
    """Every topic that was ever heard, or these, by name."""
    asked = {"store": store_of(session)}
    if topics is None:
        return list(session.scalars(_EVERY, asked))
    return list(session.scalars(_CHOSEN, {**asked, "topics": listed(topics)}))


def rhythm_of(row: Heartbeat) -> Rhythm:
    return Rhythm(row.first_at, row.week, row.hours)


def _row(topic: str, known: Heartbeat | None, times: list[datetime]) -> dict[str, object]:
    rhythm, last_at = (rhythm_of(known), known.last_at) if known else (begin(times[0]), times[0])
    hours = {at.replace(minute=0, second=0, microsecond=0): at for at in times}
    for at in hours.values():
        rhythm = heard(rhythm, at)
    return {
        "topic": topic,
        "first_at": rhythm.first_at,
        "last_at": max(last_at, *times),
        "week": rhythm.week,
        "hours": rhythm.hours,
    }


def _keep(session: Session, rows: list[dict[str, object]]) -> None:
    session.execute(_WRITE, [{"store_id": store_of(session), **row} for row in rows])
