"""Who buys again: the models and their scores beside `lifetimes`, and a store's whole night.

The first on simulated buyers in memory, the second on a store in the database, as the worker does
it; each size in processes of its own, so that memory is its own too.
"""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from time import perf_counter
from uuid import UUID

from sqlalchemy import delete

from app import clock
from app.customers.everybody import EVERY
from app.customers.forecasting import ask_for_forecasts, learn_again
from app.inbox.forecasts import keep_forecasts
from app.models import Prediction
from app.science.buying import fit
from app.science.contest import Ground as Contested
from app.science.forecaster import Contender, Forecaster
from app.science.histories import grouped
from app.science.purchases import buyers
from app.science.scores import Learnt, score
from app.science.spending import fit_spending
from app.science.study import study
from app.tenancy import store_transaction
from tests.benchmarks.buyers import DAYS, simulate
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON, Ground, new_store, workers
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.refresh import peak

LIFETIMES = "BG/NBD fitted by lifetimes"
OURS = "MBG/NBD and Gamma-Gamma fitted, everybody's scores"
STUDY = "everything learnt and judged, once a week"
LEARNING = "a store's night with learning"
TELLING = "a store's night a day later"
MEMORY = "memory of the worker in these nights at most"
Took = dict[str, float]


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """A round is each way once."""
    found: dict[str, Figure] = {}
    for count in sizes.people:
        store_id = new_store(here.config, presets=False)
        populate(here.owner_url, store_id, count)
        with workers(here.config, 1) as first, workers(here.config, 1) as second:
            for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds_at(count)):
                took = first.submit(_in_memory, count).result()
                took |= second.submit(_in_the_database, store_id).result()
                if number >= 0:  # The first is for warming up.
                    _note(found, took, count)
    return list(found.values())


def _note(found: dict[str, Figure], took: Took, count: int) -> None:
    for name, value in took.items():
        what = f"forecast: {name}, {count:,} customers"
        unit = "MiB" if name.startswith("memory") else "ms"
        found.setdefault(what, Figure(what, unit)).rounds.append(value)


def _in_memory(count: int) -> Took:
    ground = Contested(bought=simulate(count), day=DAYS)
    known = buyers(ground.bought, DAYS).histories
    fitter = import_module("lifetimes").BetaGeoFitter()
    return {
        LIFETIMES: _timed(lambda: fitter.fit(known.repeats, known.last, known.age)),
        OURS: _timed(lambda: _tell_all(ground)),
        STUDY: _timed(lambda: study(ground)),
    }


def _tell_all(ground: Contested) -> None:
    known = buyers(ground.bought, ground.day)
    model = fit(grouped(known.histories)[0]).model
    spending = fit_spending(known.times, known.spent / known.times).model
    way = Forecaster(Contender.MODEL, ground.days)
    score(Learnt(way=way, model=model, spending=spending), known)


def _in_the_database(store_id: UUID) -> Took:
    """The walk that comes before is the part `standing`."""
    with store_transaction(store_id) as session:
        session.execute(delete(Prediction))
    took = {
        LEARNING: _night(store_id, NOON, learning=True),
        TELLING: _night(store_id, NOON + EVERY, learning=False),
    }
    return took | {MEMORY: peak("self", "VmHWM")}


def _night(store_id: UUID, now: datetime, *, learning: bool) -> float:
    """Until everybody is told, as the worker does it."""
    clock.use(lambda: now)
    with store_transaction(store_id) as session:
        ask_for_forecasts(session, now)
        if learning:
            learn_again(session, now)

    def work() -> None:
        while keep_forecasts(store_id):
            pass

    return _timed(work)


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000
