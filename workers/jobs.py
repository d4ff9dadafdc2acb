"""What a nudge does: drain one duty of one store. Ids in, one call each, safe to run twice."""

import time
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from app import flows, jobs, messages, offers
from app.config import Config
from app.inbox import hear_out, process_waiting, take_changes
from app.inbox.examine import examine
from app.inbox.forecasts import keep_forecasts
from app.inbox.forgetting import forget_silent
from app.inbox.habits import keep_habits
from app.inbox.lifts import measure_lifts
from app.inbox.receipts import poll
from app.inbox.reports import measure_reports
from app.inbox.retention import forget_old
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.inbox.sync import sync
from app.inbox.watch import watch_shop
from app.stores.connections import Connections
from app.stores.letters import send_letters
from app.trouble import trace_of

BATCH = 200
MAILS = 60
"""About a second of calls to a provider, after which a drain may give way."""
FEW = 20
"""Where each takes a call to a shop: few enough to end within a stopped worker's grace."""
ROUNDS = 50
GIVE_WAY_SECONDS = 30.0
"""A drain gives way after so many batches or so long, so that one busy store does not hold a
worker, and well before RQ would break it off in the middle (`jobs.LONGEST_SECONDS`)."""

_log = structlog.get_logger(__name__)
_built: dict[str, Connections] = {}


def build(config: Config) -> Connections:
    """Make what every job of this process shares. Called once, after the fork."""
    _built["connections"] = Connections(config)
    return _built["connections"]


class DutyFailed(Exception):
    """A drain that broke, told by kinds and places: RQ keeps an error's words for a day."""


def drain(duty: str, store_id: str) -> int:
    """Work off one duty of one store; returns how much was done."""
    store = UUID(store_id)
    jobs.begin(duty, store)
    done, until = 0, time.monotonic() + GIVE_WAY_SECONDS
    for _ in range(ROUNDS):
        if jobs.stopping() or time.monotonic() > until or (done and _must_give_way(duty)):
            break
        batch = _batch(duty, store)
        done += batch
        if batch == 0:
            return done
    jobs.nudge(duty, store)
    return done


def _must_give_way(duty: str) -> bool:
    """Whether another store waits for this duty, or any for a more urgent one. Webhooks come while
    webhooks are worked off, so that a busy store's drain would not end before `GIVE_WAY_SECONDS`;
    and with every worker at mails, an order would end its cart's reminders half a minute late."""
    with suppress(RedisError):
        return any(jobs.queue(each).count for each in jobs.DUTIES[: jobs.DUTIES.index(duty) + 1])
    return False


def _batch(duty: str, store_id: UUID) -> int:
    try:
        return DRAINS[duty](store_id, _built["connections"])
    except Exception as error:
        _log.error("duty_failed", duty=duty, store_id=str(store_id), exc_info=error)
        told = trace_of(error)
    raise DutyFailed(f"{duty}\n{told}")


Drain = Callable[[UUID, Connections], int]

DRAINS: dict[str, Drain] = {
    "inbox": lambda store, c: process_waiting(store, c.config),
    "steps": lambda store, c: flows.advance_due(store, c, BATCH),
    "offers": lambda store, c: offers.mint_due(store, c, FEW),
    "messages": lambda store, c: messages.send_due(store, c, MAILS, take_changes, hear_out),
    "receipts": poll,
    "rhythm": lambda store, _: keep_rhythm(store),
    "sync": sync,
    "watch": watch_shop,
    "letters": lambda store, c: send_letters(store, c.config),
    "health": lambda store, c: examine(store, c.config),
    "standing": lambda store, _: keep_standing(store),
    "lifts": lambda store, _: measure_lifts(store),
    "forecasts": lambda store, _: keep_forecasts(store),
    "habits": lambda store, _: keep_habits(store),
    "reports": lambda store, _: measure_reports(store),
    "retention": lambda store, c: forget_old(store, c.config) + forget_silent(store, c.config),
}
