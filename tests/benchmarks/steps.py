"""Due steps decided, arbitrated and planned, in one worker and in two."""

import time
from uuid import UUID

from app import flows
from app.config import Config
from app.stores.connections import Connections
from tests.benchmarks.costs import Spent, database_seconds, postmaster, spent
from tests.benchmarks.ground import Ground
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.people import enter

BATCH = 200


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Steps by one worker, then as many by two of the same store."""
    what = f"steps: {sizes.steps:,} decided, arbitrated, planned"
    speeds = {count: Figure(f"{what}, {name}", "steps/s") for count, name in _WORKERS.items()}
    costs = {
        count: Figure(f"{what}, {name}, processor time of a step", "µs")
        for count, name in _WORKERS.items()
    }
    pool = here.pool
    for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds):
        for count in _WORKERS:
            enter(here.mailing, sizes.steps, f"{number}w{count}")
            began, used = time.perf_counter(), database_seconds(server := postmaster())
            drains = [pool.submit(advance, here.config, here.mailing) for _ in range(count)]
            there = sum(drained.result().worker for drained in drains)
            took = time.perf_counter() - began
            if number >= 0:
                speeds[count].rounds.append(sizes.steps / took)
                used = database_seconds(server) - used + there
                costs[count].rounds.append(used / sizes.steps * 1e6)
    return [*speeds.values(), *costs.values()]


_WORKERS = {1: "1 worker", 2: "2 workers"}


def advance(config: Config, store_id: UUID) -> Spent:
    """What a worker's job does, until no step is due."""
    connections = Connections(config)
    return spent(lambda: _advance(store_id, connections))


def _advance(store_id: UUID, connections: Connections) -> None:
    while flows.advance_due(store_id, connections, BATCH):
        pass
