"""From kept webhooks to state and journeys, with five flows live: from one store to eight."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import func, select

from app.config import Config
from app.inbox import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.models import Order
from app.tenancy import store_transaction
from tests.benchmarks.costs import Spent, database_seconds, postmaster, spent
from tests.benchmarks.ground import NOON, WORKERS, Ground, new_store
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.orders import Orders

GROUP = 200
"""Webhooks kept in one insert."""


@dataclass
class Case:
    """So many stores for so many workers."""

    stores: list[UUID]
    workers: int
    speed: Figure = field(init=False)
    cost: Figure = field(init=False)

    def __post_init__(self) -> None:
        self.name = f"apply: {_said(len(self.stores), 'store')}, {_said(self.workers, 'worker')}"
        self.speed = Figure(self.name, "orders/s")
        self.cost = Figure(f"{self.name}, processor time of an order", "µs")

    @property
    def shares(self) -> list[list[UUID]]:
        """The stores of each worker."""
        shares = (self.stores[place :: self.workers] for place in range(self.workers))
        return [share for share in shares if share]


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Every number of stores in turn, round by round."""
    stores = [new_store(here.config, presets=True) for _ in range(max(sizes.stores))]
    cases = [Case(stores[:count], min(count, WORKERS)) for count in sizes.stores]
    pool = here.pool
    for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds):
        for place, case in enumerate(cases):
            seed = 2_000 + 10 * number + place
            count = sizes.apply * len(case.stores)
            took, used = _round(pool, here.config, case, (count, seed))
            if number >= 0:  # The first is for warming up.
                case.speed.rounds.append(count / took)
                case.cost.rounds.append(used / count * 1e6)
    return [figure for case in cases for figure in (case.speed, case.cost)]


def _round(
    pool: ProcessPoolExecutor, config: Config, case: Case, wish: tuple[int, int]
) -> tuple[float, float]:
    """Seconds until all was applied, and what processors spent on it, the database's included."""
    count, seed = wish
    before, server = sum(map(_orders, case.stores)), postmaster()
    fill(case.stores, count, seed)
    began, used = time.perf_counter(), database_seconds(server)
    drains = [pool.submit(drain, config, share) for share in case.shares]
    spent_there = sum(drained.result().worker for drained in drains)
    took = time.perf_counter() - began
    if sum(map(_orders, case.stores)) - before != count:
        raise RuntimeError("Not every order reached the state.")
    return took, spent_there + database_seconds(server) - used


def fill(stores: Sequence[UUID], count: int, seed: int) -> None:
    """Keep `count` orders, each of a new person, for these stores in turn."""
    orders = Orders(seed, NOON)
    kept = [
        Kept(
            store_id=stores[number % len(stores)],
            webhook_key=str(uuid4()),
            topic="orders/create",
            body=orders.body(),
            triggered_at=NOON,
        )
        for number in range(count)
    ]
    for start in range(0, count, GROUP):
        insert_webhooks(kept[start : start + GROUP])


def drain(config: Config, stores: Sequence[UUID]) -> Spent:
    """What a worker's job does, until nothing waits."""
    return spent(lambda: sum(_drain(store_id, config) for store_id in stores))


def _drain(store_id: UUID, config: Config) -> int:
    settled = 0
    while more := process_waiting(store_id, config):
        settled += more
    return settled


def _orders(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0


def _said(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
