"""What time alone asks of a store: who belongs to a segment now, who is due, which carts are idle.

At ten thousand customers and ten times as many, and a million when asked for: `people=1000000`.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import clock, flows
from app.config import Config
from app.flows import members
from app.flows.known import open_flows
from app.inbox.rhythm import keep_rhythm
from app.models import Store
from app.segments import matching, of_everybody, parse_condition
from app.tenancy import store_transaction
from tests.benchmarks.apply import drain, fill
from tests.benchmarks.costs import database_seconds, postmaster
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import Ground, new_store, workers
from tests.benchmarks.measure import Figure, Sizes

SEGMENTS = {
    "loyal and silent": {
        "all": [
            {"customer.orders_count": {"at_least": 2}},
            {"customer.last_order": {"before": "60 days"}},
            {"consent.email": {"is": "subscribed"}},
        ]
    },
    "bought one product": {"all": [{"products.bought": {"includes": ["p7"]}}]},
    "everybody who may be mailed": {"consent.email": {"is": "subscribed"}},
    "a large last order": {"last_order.total": {"at_least": 50}},
    "bought by its title": {"products.bought_titles": {"includes": "Tea"}},
    "has not clicked": {"events.link_clicked": {"count_at_most": 0, "within": "90 days"}},
}
_EVERY_SECONDS = 0.01


@dataclass(frozen=True)
class Took:
    """One piece of work: its time, and the most memory of the worker and of its backend."""

    name: str
    seconds: float
    worker_mib: float
    backend_mib: float


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Each size in a store and a worker of its own, so that memory is its own too."""
    figures: dict[str, Figure] = {}
    for count in sizes.people:
        store_id = new_store(here.config, presets=True)
        populate(here.owner_url, store_id, count)
        with workers(here.config, 1) as pool:
            for number in range(sizes.rounds_at(count) + 1):
                for took in pool.submit(look, store_id).result():
                    first = took.name.endswith("first look")
                    if (number == 0) is first:  # Only the first look is not for warming up.
                        _note(figures, took, count)
            for number in range(sizes.rounds_at(count) + 1):
                cost = _apply(pool, here.config, store_id, (sizes.apply, 9_000 + number))
                if number:
                    _figure(figures, "an order applied to", count, "µs").append(cost)
    return list(figures.values())


def _figure(figures: dict[str, Figure], name: str, count: int, unit: str) -> list[float]:
    what = f"refresh: {name}, {count:,} customers"
    return figures.setdefault(what, Figure(what, unit)).rounds


def _note(figures: dict[str, Figure], took: Took, count: int) -> None:
    _figure(figures, took.name, count, "ms").append(took.seconds * 1000)
    _figure(figures, "memory of the worker at most", count, "MiB").append(took.worker_mib)
    _figure(figures, "memory of its backend at most", count, "MiB").append(took.backend_mib)


def _apply(
    pool: ProcessPoolExecutor, config: Config, store_id: UUID, wish: tuple[int, int]
) -> float:
    """What an order costs the processors in a store of this size."""
    count, seed = wish
    fill([store_id], count, seed)
    server = postmaster()
    used = database_seconds(server)
    worker = pool.submit(drain, config, [store_id]).result().worker
    return (database_seconds(server) - used + worker) / count * 1e6


def look(store_id: UUID) -> list[Took]:
    """Every set-based question, one after the other."""
    found = [_took(store_id, name, _count(name)) for name in SEGMENTS]
    with store_transaction(store_id) as session:
        began = session.execute(text("SELECT count(*) FROM flow_members")).scalar_one()
    again = "members of a segment flow, " + ("again" if began else "first look")
    found.append(_took(store_id, again, _members))
    found.append(_took(store_id, "who enters for the time alone, nobody due", _enter))
    began_at = perf_counter()
    keep_rhythm(store_id)
    whole = perf_counter() - began_at
    found.append(Took("the whole rhythm of a store", whole, peak("self", "VmHWM"), 0.0))
    return found


def _count(name: str) -> Callable[[Session, Store], object]:
    condition = parse_condition(SEGMENTS[name], name)

    def count(session: Session, store: Store) -> object:
        chosen = matching(session, condition, store, clock.now()).subquery()
        with of_everybody(session):
            return session.scalar(select(func.count()).select_from(chosen))

    return count


def _members(session: Session, store: Store) -> object:
    (flow,) = [flow for flow in open_flows(session, store) if flow.definition.slug == "nurture"]
    return members.remember_members(session, store, flow, clock.now())


def _enter(session: Session, store: Store) -> object:
    return flows.enter_due(session, store, clock.now())


def _took(store_id: UUID, name: str, work: Callable[[Session, Store], object]) -> Took:
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        backend = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with watched(str(backend)) as most:
            began = perf_counter()
            work(session, store)
            seconds = perf_counter() - began
    return Took(name, seconds, peak("self", "VmHWM"), max(most))


@contextmanager
def watched(process: str) -> Iterator[list[float]]:
    """What the process holds of its own, looked at all the time; shared buffers are not its own."""
    most, done = [peak(process, "RssAnon")], Event()

    def watch() -> None:
        while not done.wait(_EVERY_SECONDS):
            most.append(peak(process, "RssAnon"))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def peak(process: str, name: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"This system does not tell {name}.")
