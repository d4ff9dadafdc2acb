"""Real processes whose database's clock is another: they find it, and are forgotten when gone."""

import json

import pytest

from app import jobs
from app.config import Config
from app.inbox.clocks import ClockReading, known_clocks, report
from tests.conftest import Machine
from tests.elsewhen import database_ahead
from tests.integration.operations.processes import running
from tests.waiting import until


def test_a_worker_tells_how_far_its_clock_is_off(settings: Config, database: Machine) -> None:
    with (
        database_ahead(database, -100) as url,
        running("worker", settings.model_copy(update={"database_url": url})),
    ):
        until(lambda: known_clocks() != [])

    (told,) = known_clocks()
    assert told.process.startswith("worker ")
    assert told.ahead == pytest.approx(100, abs=5)


def test_who_has_not_been_heard_of_for_minutes_is_gone(database: Machine) -> None:
    old = json.dumps(["gone", "worker 1", 90.0, 0])
    jobs.redis().hset("clocks", "gone worker 1", old)

    report("worker")

    assert [told.host for told in known_clocks()] != ["gone"]
    assert jobs.redis().hlen("clocks") == 1


def test_a_slow_database_is_no_wrong_clock(database: Machine) -> None:
    report("worker")

    (told,) = known_clocks()
    assert told == ClockReading(told.host, told.process, 0.0)
