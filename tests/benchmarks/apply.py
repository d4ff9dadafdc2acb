"""From kept webhooks to state and journeys, with every preset live."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from uuid import UUID, uuid4

from sqlalchemy import func, select

from app.config import Config
from app.inbox import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.models import Order
from app.tenancy import store_transaction
from tests.benchmarks.ground import NOON, Ground, new_store, workers
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.orders import Orders

GROUP = 200


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """One store in one process, then four stores in two."""
    alone = Figure("apply: one store, one worker", "orders/s")
    many = Figure("apply: four stores, two workers", "orders/s")
    one, four = (
        [new_store(here.config, presets=True)],
        [new_store(here.config, presets=True) for _ in range(4)],
    )
    with workers(here.config, 2) as pool:
        for number in range(-1, sizes.rounds):
            speeds = _round(pool, here.config, (one, four), (sizes.apply, 2_000 + 10 * number))
            if number >= 0:  # The first is for warming up.
                alone.rounds.append(speeds[0])
                many.rounds.append(speeds[1])
    return [alone, many]


def _round(
    pool: ProcessPoolExecutor,
    config: Config,
    groups: tuple[Sequence[UUID], Sequence[UUID]],
    wish: tuple[int, int],
) -> list[float]:
    count, seed = wish
    speeds = []
    for number, stores in enumerate(groups):
        before = sum(map(_orders, stores))
        _fill(stores, count, seed + number)
        halves = [half for half in (stores[::2], stores[1::2]) if half]
        began = time.perf_counter()
        for drained in [pool.submit(drain, config, half) for half in halves]:
            drained.result()
        speeds.append(count / (time.perf_counter() - began))
        if sum(map(_orders, stores)) - before != count:
            raise RuntimeError("Not every order reached the state.")
    return speeds


def _fill(stores: Sequence[UUID], count: int, seed: int) -> None:
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


def drain(config: Config, stores: Sequence[UUID]) -> None:
    """What a worker's job does, until nothing waits."""
    for store_id in stores:
        while process_waiting(store_id, config, GROUP):
            pass


def _orders(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0
