"""How large every ready-made segment of a store is, counted as the worker counts once a day."""

from time import perf_counter
from uuid import UUID

from sqlalchemy import text, update

from app import customers, segments
from app.models import Segment, Store
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON, Ground, new_store
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.refresh import watched


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Each size in a store of its own, whose people stand where they stand."""
    figures = []
    for count in sizes.people:
        store_id = new_store(here.config, presets=False)
        populate(here.owner_url, store_id, count)
        _walk(store_id)
        took = Figure(f"segments: all ready-made ones counted, {count:,} customers", "ms")
        held = Figure(f"segments: memory of the backend at most, {count:,} customers", "MiB")
        for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds_at(count)):
            seconds, most = _count(store_id)
            if number >= 0:  # The first is for warming up.
                took.rounds.append(seconds * 1000)
                held.rounds.append(most)
        figures += [took, held]
    return figures


def _walk(store_id: UUID) -> None:
    goes_on = True
    while goes_on:
        with store_transaction(store_id) as session:
            goes_on = customers.walk(session, session.get_one(Store, store_id), NOON)


def _count(store_id: UUID) -> tuple[float, float]:
    with store_transaction(store_id) as session:
        session.execute(update(Segment).values(due_at=NOON))
        store = session.get_one(Store, store_id)
        backend = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with watched(str(backend)) as most:
            began = perf_counter()
            counted = segments.count_due(session, store, NOON)
            seconds = perf_counter() - began
    assert counted > 20, "every ready-made segment was to be counted"
    return seconds, max(most)
