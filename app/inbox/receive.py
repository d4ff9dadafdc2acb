"""Keeping webhooks. Requests that arrive together share one insert and one commit.

Nothing is parsed here, and nobody is answered before the commit: a database that is down is an
error for the caller (503), so that the platform sends the webhook again.
"""

import threading
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from app import clock, jobs
from app.errors import Unreachable
from app.models import new_id
from app.points import Point, pass_point
from app.tenancy import platform_call
from app.trouble import is_passing

MAX_GROUP = 200
GATHER_SECONDS = 0.003
"""How long the first of a group waits for company: a commit saved is worth more than this."""

NUDGE_SECONDS = 0.05

PATIENCE_SECONDS = 4.0
"""Shopify gives a whole delivery five seconds."""

# A list for each column and not for each row: the call is the same for any number of rows, so it is
# prepared once on a connection. In binary (`b`), since a body as text is twice its size.
_KEEP = """
    SELECT * FROM keep_webhooks(
        %(store_id)b::uuid[], %(webhook_id)b::uuid[], %(webhook_key)b::text[], %(topic)b::text[],
        %(body)b::bytea[], %(triggered_at)b::timestamptz[], %(received_at)s::timestamptz
    )
"""
_DATABASE_ERRORS = (psycopg.Error, SQLAlchemyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A verified webhook on its way into the database."""

    store_id: UUID
    webhook_key: str
    topic: str
    body: bytes
    triggered_at: datetime | None


class _Place:
    """One request that waits: a bare lock costs a tenth of a Future, and there is one for each."""

    __slots__ = ("answered", "error", "new", "webhook")

    def __init__(self, webhook: Kept) -> None:
        self.webhook, self.new = webhook, False
        self.error: Exception | None = None
        self.answered = threading.Lock()
        self.answered.acquire()

    def answer(self, new: bool, error: Exception | None = None) -> None:
        self.new, self.error = new, error
        self.answered.release()


class Keeper:
    """Group commit: one writer takes all that is waiting, inserts it and commits once."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[_Place] = SimpleQueue()
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None
        self._unnudged: set[UUID] = set()
        self._nudged_at = 0.0

    def keep(self, webhook: Kept) -> bool:
        """Return once the webhook is committed; False when it had been kept before.

        Raises Unreachable when the database did not take it in time: nothing is promised then.
        """
        place = _Place(webhook)
        self._waiting.put(place)
        self._start()
        in_time = place.answered.acquire(timeout=PATIENCE_SECONDS)
        if not in_time or isinstance(place.error, _DATABASE_ERRORS):
            raise Unreachable("The webhook could not be kept; send it again.") from place.error
        if place.error is not None:
            raise place.error
        return place.new

    def _start(self) -> None:
        # A thread does not survive a fork: the first request of each process starts its own.
        if self._writer is not None and self._writer.is_alive():
            return
        with self._starting:
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write_for_ever, daemon=True)
                self._writer.start()

    def _write_for_ever(self) -> None:
        while True:
            group = [self._waiting.get()]
            time.sleep(GATHER_SECONDS)
            with suppress(Empty):
                while len(group) < MAX_GROUP:
                    group.append(self._waiting.get_nowait())
            self._unnudged |= _write(group)
            self._nudge()

    def _nudge(self) -> None:
        """While groups follow each other closely, one trip to the queue does for several."""
        now = time.monotonic()
        if self._waiting.empty() or now - self._nudged_at > NUDGE_SECONDS:
            _nudge(self._unnudged)
            self._unnudged, self._nudged_at = set(), now


def _write(group: Sequence[_Place]) -> set[UUID]:
    """Keep a group and answer it. Returns the stores that have something new."""
    try:
        new = _insert([place.webhook for place in group])
    except Exception as error:  # Every caller of the group must hear of it.
        return _answer_one_by_one(group, error)
    stores = {store_id for store_id, _ in new}
    for place in group:
        # The same webhook twice in one group: the first to be answered counts as the new one.
        key = (place.webhook.store_id, place.webhook.webhook_key)
        place.answer(key in new)
        new.discard(key)
    return stores


def _answer_one_by_one(group: Sequence[_Place], error: Exception) -> set[UUID]:
    """One bad row (a store erased a moment ago) must not cost the others their place."""
    if len(group) == 1 or not isinstance(error, psycopg.Error) or is_passing(error):
        for place in group:
            place.answer(False, error)
        return set()
    return {store_id for place in group for store_id in _write([place])}


def insert_webhooks(webhooks: Sequence[Kept]) -> set[tuple[UUID, str]]:
    """Insert what is new and commit; then nudge the stores. Returns the keys that were new."""
    new = _insert(webhooks)
    _nudge({store_id for store_id, _ in new})
    return new


def _insert(webhooks: Sequence[Kept]) -> set[tuple[UUID, str]]:
    rows = platform_call("keep webhooks of several stores at once", _KEEP, _columns(webhooks))
    pass_point(Point.WEBHOOKS_KEPT)
    return {(store_id, key) for store_id, key in rows}


def _nudge(stores: Collection[UUID]) -> None:
    if stores:
        jobs.nudge("inbox", *stores)


def _columns(webhooks: Sequence[Kept]) -> dict[str, Any]:
    return {
        "store_id": [webhook.store_id for webhook in webhooks],
        "webhook_id": [new_id() for _ in webhooks],
        "webhook_key": [webhook.webhook_key for webhook in webhooks],
        "topic": [webhook.topic for webhook in webhooks],
        "body": [webhook.body for webhook in webhooks],
        "triggered_at": [webhook.triggered_at for webhook in webhooks],
        "received_at": clock.now(),
    }
