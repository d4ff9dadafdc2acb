"""Remembering what a shop was heard on: one row per topic, read and written once a batch.

Whoever calls is alone with the store's inbox, so that nothing is lost between read and write.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models import Heartbeat
from app.stores.heartbeat import Rhythm, begin, heard
from app.tenancy import store_of


def hear(session: Session, arrivals: Iterable[tuple[str, datetime]]) -> None:
    """Take webhooks, as topic and moment, into the heartbeats of their store."""
    heard_now: dict[str, list[datetime]] = {}
    for topic, at in arrivals:
        heard_now.setdefault(topic, []).append(at)
    known = {row.topic: row for row in heartbeats(session, heard_now)}
    rows = [_row(topic, known.get(topic), times) for topic, times in heard_now.items()]
    if rows:
        _keep(session, rows)


def heartbeats(session: Session, topics: Iterable[str] | None = None) -> list[Heartbeat]:
    """Every topic that was ever heard, or these, by name."""
    chosen = select(Heartbeat).where(Heartbeat.store_id == store_of(session))
    if topics is not None:
        chosen = chosen.where(Heartbeat.topic.in_(list(topics)))
    return list(session.scalars(chosen.order_by(Heartbeat.topic)))


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
    written = insert(Heartbeat).values([{"store_id": store_of(session), **row} for row in rows])
    names = ("first_at", "last_at", "week", "hours")
    session.execute(
        written.on_conflict_do_update(
            index_elements=["store_id", "topic"],
            set_={name: written.excluded[name] for name in names},
        )
    )
