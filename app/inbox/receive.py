"""Keeping webhooks. Requests that arrive together share one insert and one commit.

Nothing is parsed here, and nobody is answered before the commit: a database that is down is an
error for the caller (503), so that the platform sends the webhook again.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app import clock, jobs
from app.errors import Unreachable
from app.models import WebhookStatus, new_id
from app.points import Point, pass_point
from app.tenancy import platform_transaction

MAX_GROUP = 200
GATHER_SECONDS = 0.003
"""How long the first of a group waits for company: a commit saved is worth more than this."""

PATIENCE_SECONDS = 4.0
"""Shopify gives a whole delivery five seconds."""

# A list for each column and not for each row: the statement is the same for any number of rows, so
# it is prepared once on a connection. In binary (`b`), since a body as text is twice its size.
_INSERT = """
    INSERT INTO webhooks (
        store_id, webhook_id, webhook_key, topic, body, triggered_at, status, received_at
    )
    SELECT *, %(status)s, %(received_at)s::timestamptz
    FROM unnest(
        %(store_id)b::uuid[], %(webhook_id)b::uuid[], %(webhook_key)b::text[], %(topic)b::text[],
        %(body)b::bytea[], %(triggered_at)b::timestamptz[]
    )
    ON CONFLICT (store_id, webhook_key) DO NOTHING
    RETURNING store_id, webhook_key
"""


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

    def keep(self, webhook: Kept) -> bool:
        """Return once the webhook is committed; False when it had been kept before.

        Raises Unreachable when the database did not take it in time: nothing is promised then.
        """
        place = _Place(webhook)
        self._waiting.put(place)
        self._start()
        in_time = place.answered.acquire(timeout=PATIENCE_SECONDS)
        if not in_time or isinstance(place.error, SQLAlchemyError):
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
            _write(group)


def _write(group: Sequence[_Place]) -> None:
    try:
        new = insert_webhooks([place.webhook for place in group])
    except Exception as error:  # Every caller of the group must hear of it.
        _answer_one_by_one(group, error)
        return
    for place in group:
        # The same webhook twice in one group: the first to be answered counts as the new one.
        key = (place.webhook.store_id, place.webhook.webhook_key)
        place.answer(key in new)
        new.discard(key)


def _answer_one_by_one(group: Sequence[_Place], error: Exception) -> None:
    """One bad row (a store erased a moment ago) must not cost the others their place."""
    if len(group) == 1 or not isinstance(error, DBAPIError) or error.connection_invalidated:
        for place in group:
            place.answer(False, error)
        return
    for place in group:
        _write([place])


def insert_webhooks(webhooks: Sequence[Kept]) -> set[tuple[UUID, str]]:
    """Insert what is new and commit; then nudge the stores. Returns the keys that were new."""
    with platform_transaction("keep webhooks of several stores in one commit") as session:
        returned = session.connection().exec_driver_sql(_INSERT, _columns(webhooks)).all()
        new = {(store_id, key) for store_id, key in returned}
        for store_id in {store_id for store_id, _ in new}:
            jobs.nudge_after_commit(session, "inbox", store_id)
    pass_point(Point.WEBHOOKS_KEPT)
    return new


def _columns(webhooks: Sequence[Kept]) -> dict[str, Any]:
    return {
        "store_id": [webhook.store_id for webhook in webhooks],
        "webhook_id": [new_id() for _ in webhooks],
        "webhook_key": [webhook.webhook_key for webhook in webhooks],
        "topic": [webhook.topic for webhook in webhooks],
        "body": [webhook.body for webhook in webhooks],
        "triggered_at": [webhook.triggered_at for webhook in webhooks],
        "status": WebhookStatus.WAITING.value,
        "received_at": clock.now(),
    }
