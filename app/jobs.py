"""Nudges. The row is the truth: a job only says that a store has work of some duty waiting.

A job carries the duty and the store's id, nothing else, and drains what it finds. At most one is
waiting per store and duty; losing all of them costs a sweep's delay and nothing more.
"""

import itertools
import threading
from collections.abc import Sequence
from uuid import UUID

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from app import db
from app.errors import ConfigError

URGENT = ("inbox", "steps", "offers", "messages", "receipts")
"""What keeps a promise, the most urgent first."""
PATIENT = (
    *("rhythm", "sync", "watch", "letters", "health"),
    *("standing", "forecasts", "habits", "lifts", "reports", "retention"),
)
DUTIES = (*URGENT, *PATIENT)
"""The queues. A worker empties them in this order, but for the time it owes the patient ones
(`workers/turns.py`)."""

LONGEST_SECONDS = 900
"""After which RQ breaks a job off: only one that hangs in spite of every timeout of its calls."""

_WAITING_SECONDS = 60
_stop = threading.Event()
_log = structlog.get_logger(__name__)
_redis: Redis | None = None


def connect(url: str) -> Redis:
    """Point this process at its Valkey or Redis."""
    global _redis  # noqa: PLW0603 - one connection pool per process.
    _redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
    return _redis


def redis() -> Redis:
    """The connection of this process. Raises ConfigError before `connect`."""
    if _redis is None:
        raise ConfigError("The queue is not connected: call jobs.connect first.")
    return _redis


def queue(duty: str) -> Queue:
    """The RQ queue of one duty."""
    return Queue(duty, connection=redis(), serializer=JSONSerializer)


def nudge_after_commit(session: Session, duty: str, store_id: UUID) -> None:
    """Ask for a drain once this transaction has committed; nothing happens if it rolls back."""
    asked: set[tuple[str, UUID]] = session.info.setdefault("nudges", set())
    if (duty, store_id) not in asked:
        asked.add((duty, store_id))
        db.after_commit(session, lambda: nudge(duty, store_id))


def nudge(duty: str, *store_ids: UUID) -> None:
    """Ask for a drain of each of these stores now. A queue that is down loses nothing: the sweep
    finds the row."""
    try:
        asked = _take_slots(duty, store_ids)
        if asked:
            queue(duty).enqueue_many([_drain(duty, store_id) for store_id in asked])
    except RedisError as error:
        _log.warning("nudge_lost", duty=duty, stores=len(store_ids), error=type(error).__name__)


def _take_slots(duty: str, store_ids: Sequence[UUID]) -> list[UUID]:
    """Those for whom no job is waiting yet."""
    with redis().pipeline(transaction=False) as trip:
        for store_id in store_ids:
            trip.set(_slot(duty, store_id), 1, nx=True, ex=_WAITING_SECONDS)
        return list(itertools.compress(store_ids, trip.execute()))


def _drain(duty: str, store_id: UUID) -> EnqueueData:
    return Queue.prepare_data(
        "workers.jobs.drain",
        args=(duty, str(store_id)),
        timeout=LONGEST_SECONDS,
        result_ttl=0,
        failure_ttl=86_400,
    )


def begin(duty: str, store_id: UUID) -> None:
    """A job calls this first, so that work arriving from here on may ask for the next one."""
    try:
        redis().delete(_slot(duty, store_id))
    except RedisError as error:
        _log.warning("nudge_slot_kept", duty=duty, error=type(error).__name__)


def stop(asked: bool = True) -> None:
    """This process has been asked to end: what is in hand is finished, nothing else is begun."""
    (_stop.set if asked else _stop.clear)()


def stopping() -> bool:
    """Whether work that can be left should be handed back now."""
    return _stop.is_set()


def waiting() -> dict[str, int]:
    """Jobs in each queue. Raises RedisError when the queue does not answer."""
    return {duty: queue(duty).count for duty in DUTIES}


def _slot(duty: str, store_id: UUID) -> str:
    return f"nudge:{duty}:{store_id}"
