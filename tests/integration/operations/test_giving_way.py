"""A worker that is at something long sees to waiting webhooks between two batches."""

from datetime import timedelta
from uuid import UUID

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


def test_a_long_drain_gives_way_to_webhooks_that_wait_and_goes_on_later(
    config: Config, make_store: MakeStore, clock: Clock
) -> None:
    busy, other = make_store(), make_store()
    _people_due(busy, BATCH + MORE)
    build(config)
    jobs.nudge("inbox", other)

    first = drain("steps", str(busy))

    assert first == BATCH
    assert jobs.queue("steps").count == 1
    jobs.queue("inbox").empty()
    assert drain("steps", str(busy)) == MORE


def _people_due(store_id: UUID, count: int) -> None:
    now = app_clock.now()
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        flows.import_flow(session, store, preset_source(FLOW), now)
        flows.activate(session, store, FLOW, now, timedelta(days=3))
    enter(store_id, count, "waiting", now)
