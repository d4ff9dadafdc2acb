"""Keeping webhooks. Requests that arrive together share one insert and one commit.

Nothing is parsed here, and nobody is answered before the commit: a database that is down is an
error for the caller (503), so that the platform sends the webhook again.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from app import clock, jobs
from app.errors import Unreachable
from app.inbox.nudger import Nudger
from app.models import new_id
from app.points import Point, pass_point
from app.tenancy import platform_call
from app.trouble import is_passing

MAX_GROUP = 200
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
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A verified webhook on its way into the database."""

    store_id: UUID
    webhook_key: str
    topic: str
    body: bytes
    triggered_at: datetime | None


class _Place(NamedTuple):
    """One request that waits: to hear whether its webhook was new, or what went wrong."""

    webhook: Kept
    answer: "asyncio.Future[bool]"


class Keeper:
    """Group commit: whoever waits is taken together, inserted and committed once by one thread, and
    answered together. Belongs to one event loop; nobody waits longer than `patience`, in
    seconds."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._waiting: list[_Place] = []
        self._writing: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="keeper")
        self._nudger = Nudger()

    async def keep(self, webhook: Kept) -> bool:
        """Return once the webhook is committed; False when it had been kept before.

        Raises Unreachable when the database did not take it in time: nothing is promised then.
        """
        loop = asyncio.get_running_loop()
        place = _Place(webhook, loop.create_future())
        self._waiting.append(place)
        if self._writing is None:
            self._writing = loop.create_task(self._write_while_some_wait())
        # A bare timer costs half of `asyncio.timeout`, and there is one for each webhook.
        patience = loop.call_later(self._patience, _give_up, place.answer)
        try:
            return await place.answer
        except (TimeoutError, *_DATABASE_ERRORS) as error:
            raise Unreachable("The webhook could not be kept; send it again.") from error
        finally:
            patience.cancel()

    async def _write_while_some_wait(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                group = self._waiting[:MAX_GROUP]
                del self._waiting[:MAX_GROUP]
                webhooks = [place.webhook for place in group]
                outcomes = await loop.run_in_executor(self._writer, _write, webhooks)
                self._nudger.add(_answer(group, outcomes))
        finally:
            self._writing = None


def _give_up(answer: "asyncio.Future[bool]") -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())


def _answer(group: Sequence[_Place], outcomes: Sequence[bool | Exception]) -> set[UUID]:
    """Tell everybody who still waits. Returns the stores that have something new."""
    for place, outcome in zip(group, outcomes, strict=True):
        if place.answer.done():  # Its caller has lost patience.
            continue
        if isinstance(outcome, Exception):
            place.answer.set_exception(outcome)
        else:
            place.answer.set_result(outcome)
    return {
        place.webhook.store_id
        for place, outcome in zip(group, outcomes, strict=True)
        if outcome is True
    }


def _write(webhooks: Sequence[Kept]) -> list[bool | Exception]:
    """Keep a group: for each, whether it was new, or what went wrong."""
    try:
        new = _insert(webhooks)
    except Exception as error:  # Every caller of the group must hear of it.
        if len(webhooks) == 1 or not isinstance(error, psycopg.Error) or is_passing(error):
            _log.error("webhooks_not_kept", webhooks=len(webhooks), exc_info=error)
            return [error] * len(webhooks)
        # One bad row (a store erased a moment ago) must not cost the others their place.
        return [outcome for webhook in webhooks for outcome in _write([webhook])]
    return [_is_first(webhook, new) for webhook in webhooks]


def _is_first(webhook: Kept, new: set[tuple[UUID, str]]) -> bool:
    """The same webhook twice in one group: the first to be answered counts as the new one."""
    key = _key(webhook)
    is_first = key in new
    new.discard(key)
    return is_first


def _key(webhook: Kept) -> tuple[UUID, str]:
    return webhook.store_id, webhook.webhook_key


def insert_webhooks(webhooks: Sequence[Kept]) -> set[tuple[UUID, str]]:
    """Insert what is new and commit; then nudge the stores. Returns the keys that were new."""
    new = _insert(webhooks)
    if new:
        jobs.nudge("inbox", *{store_id for store_id, _ in new})
    return new


def _insert(webhooks: Sequence[Kept]) -> set[tuple[UUID, str]]:
    # In one order everywhere: two processes that keep the same repeats at the same time would
    # otherwise wait for each other, and PostgreSQL would end one of them.
    ordered = sorted(webhooks, key=_key)
    rows = platform_call("keep webhooks of several stores at once", _KEEP, _columns(ordered))
    pass_point(Point.WEBHOOKS_KEPT)
    return {(store_id, key) for store_id, key in rows}


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
