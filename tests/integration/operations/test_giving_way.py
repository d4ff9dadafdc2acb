"""A worker that is at something long looks, between two batches, what waits and is as urgent."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import clock as app_clock
from app import flows, jobs
from app.commands.demo_world import preset_source
from app.config import Config
from app.models import Store
from app.tenancy import store_transaction
from tests.benchmarks.people import FLOW, enter
from tests.conftest import Clock, MakeStore
from workers.jobs import BATCH, build, drain

MORE = 30


@pytest.mark.parametrize("waiting", ["inbox", "steps"])
def test_a_long_drain_gives_way_to_what_waits_and_goes_on_later(
    config: Config, make_store: MakeStore, clock: Clock, waiting: str
) -> None:
    busy, other = make_store(), make_store()
    _people_due(busy, BATCH + MORE)
    build(config)
    jobs.nudge(waiting, other)

    first = drain("steps", str(busy))

    assert first == BATCH
    assert str(busy) in [job.args[1] for job in jobs.queue("steps").jobs]
    jobs.queue(waiting).empty()
    assert drain("steps", str(busy)) == MORE


def _people_due(store_id: UUID, count: int) -> None:
    now = app_clock.now()
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        flows.import_flow(session, store, preset_source(FLOW), now)
        flows.activate(session, store, FLOW, now, timedelta(days=3))
    enter(store_id, count, "waiting", now)


def test_a_drain_that_nobody_waits_behind_goes_on_to_its_end(
    config: Config, make_store: MakeStore, clock: Clock
) -> None:
    busy, other = make_store(), make_store()
    _people_due(busy, BATCH + MORE)
    build(config)
    jobs.nudge("messages", other)

    assert drain("steps", str(busy)) == BATCH + MORE
