"""Keeping webhooks. Requests that arrive together share one insert and one commit.

Nothing is parsed here, and nobody is answered before the commit: a database that is down is an
error for the caller (503), so that the platform sends the webhook again.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app import clock, jobs
from app.errors import Unreachable
from app.models import Webhook, WebhookStatus, new_id
from app.points import Point, pass_point
from app.tenancy import platform_transaction

MAX_GROUP = 200
PATIENCE_SECONDS = 4.0
"""Shopify gives a whole delivery five seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A verified webhook on its way into the database."""

    store_id: UUID
    webhook_key: str
    topic: str
    body: bytes
    triggered_at: datetime | None


class Keeper:
    """Group commit: one writer takes all that is waiting, inserts it and commits once."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Kept, Future[bool]]] = []
        self._arrived = threading.Condition()
        self._writer: threading.Thread | None = None

    def keep(self, webhook: Kept) -> bool:
        """Return once the webhook is committed; False when it had been kept before.

        Raises Unreachable when the database did not take it in time: nothing is promised then.
        """
        answer: Future[bool] = Future()
        with self._arrived:
            self._waiting.append((webhook, answer))
            self._start()
            self._arrived.notify()
        try:
            return answer.result(timeout=PATIENCE_SECONDS)
        except (TimeoutError, SQLAlchemyError) as error:
            raise Unreachable("The webhook could not be kept; send it again.") from error

    def _start(self) -> None:
        # A thread does not survive a fork: the first request of each process starts its own.
        if self._writer is None or not self._writer.is_alive():
            self._writer = threading.Thread(target=self._write_for_ever, daemon=True)
            self._writer.start()

    def _write_for_ever(self) -> None:
        while True:
            with self._arrived:
                while not self._waiting:
                    self._arrived.wait()
                group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            _write(group)


def _write(group: Sequence[tuple[Kept, Future[bool]]]) -> None:
    try:
        new = insert_webhooks([webhook for webhook, _ in group])
    except Exception as error:  # Every caller of the group must hear of it.
        _answer_one_by_one(group, error)
        return
    for webhook, answer in group:
        # The same webhook twice in one group: the first to be answered counts as the new one.
        answer.set_result((webhook.store_id, webhook.webhook_key) in new)
        new.discard((webhook.store_id, webhook.webhook_key))


def _answer_one_by_one(group: Sequence[tuple[Kept, Future[bool]]], error: Exception) -> None:
    """One bad row (a store erased a moment ago) must not cost the others their place."""
    if len(group) == 1 or not isinstance(error, DBAPIError) or error.connection_invalidated:
        for _, answer in group:
            answer.set_exception(error)
        return
    for single in group:
        _write([single])


def insert_webhooks(webhooks: Sequence[Kept]) -> set[tuple[UUID, str]]:
    """Insert what is new and commit; then nudge the stores. Returns the keys that were new."""
    now = clock.now()
    rows = [
        {
            "store_id": webhook.store_id,
            "webhook_id": new_id(),
            "webhook_key": webhook.webhook_key,
            "topic": webhook.topic,
            "body": webhook.body,
            "status": WebhookStatus.WAITING,
            "triggered_at": webhook.triggered_at,
            "received_at": now,
        }
        for webhook in webhooks
    ]
    with platform_transaction("keep webhooks of several stores in one commit") as session:
        returned = session.execute(
            insert(Webhook)
            .values(rows)
            .on_conflict_do_nothing(index_elements=["store_id", "webhook_key"])
            .returning(Webhook.store_id, Webhook.webhook_key)
        ).all()
        for store_id in {store_id for store_id, _ in returned}:
            jobs.nudge_after_commit(session, "inbox", store_id)
    pass_point(Point.WEBHOOKS_KEPT)
    return {(store_id, key) for store_id, key in returned}
