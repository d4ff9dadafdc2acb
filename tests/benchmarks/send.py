"""Planned mails sent through the sandbox, beside what Klaviyo lets an account send: it is the limit
that should limit."""

import time
from concurrent.futures import ProcessPoolExecutor
from uuid import UUID

from sqlalchemy import func, select

from app import flows, messages
from app.config import Config
from app.inbox import hear_out
from app.models import Message
from app.stores.connections import Connections
from app.tenancy import store_transaction
from tests.benchmarks.costs import Spent, spent
from tests.benchmarks.ground import Ground
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.people import enter

WORKERS = (1, 2)
KLAVIYO_A_MINUTE = 3_500
"""Events an account may create, steadily: https://developers.klaviyo.com/en/reference/create_event"""

_SPARE = 1.3
"""One in ten is in the holdout, who gets no mail."""


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Mails by one worker, then by two; the sandbox and the shop share the machine with them."""
    speeds = {
        count: Figure(f"send: looked up live, rendered, handed over, {count} at work", "mails/s")
        for count in WORKERS
    }
    cost = Figure("send: processor time of a mail in the worker", "µs")
    ceiling = Figure("send: Klaviyo's own limit for an account", "mails/s", [KLAVIYO_A_MINUTE / 60])
    pool = here.pool
    for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds):
        _plan(pool, here, int(sizes.sends * sum(WORKERS) * _SPARE), f"mail{number}")
        for count in WORKERS:
            took, used, taken = _round(pool, here, sizes.sends, count)
            if number >= 0:
                speeds[count].rounds.append(taken / took)
                if count == 1:
                    cost.rounds.append(used / taken * 1e6)
    return [*speeds.values(), ceiling, cost]


def _plan(pool: ProcessPoolExecutor, here: Ground, count: int, tag: str) -> None:
    enter(here.mailing, count, tag)
    pool.submit(plan, here.config, here.mailing).result()


def plan(config: Config, store_id: UUID) -> None:
    """Let every step that is due be taken."""
    connections = Connections(config)
    while flows.advance_due(store_id, connections, 200):
        pass


def _round(
    pool: ProcessPoolExecutor, here: Ground, each: int, count: int
) -> tuple[float, float, int]:
    """Seconds, seconds of the workers' processors, and how many mails Klaviyo has taken."""
    before, began = _accepted(here.mailing), time.perf_counter()
    sent = [pool.submit(send, here.config, here.mailing, each) for _ in range(count)]
    used = sum(one.result().worker for one in sent)
    took, taken = time.perf_counter() - began, _accepted(here.mailing) - before
    if taken == 0:
        raise RuntimeError("No mail was sent.")
    return took, used, taken


def send(config: Config, store_id: UUID, most: int) -> Spent:
    """What a worker's job does with the mails of one store."""
    connections = Connections(config)
    return spent(lambda: messages.send_due(store_id, connections, most, hear_out=hear_out))


def _accepted(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        counted = select(func.count()).select_from(Message).where(Message.status == "accepted")
        return session.scalar(counted) or 0
