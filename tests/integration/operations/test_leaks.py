"""Logs and failed jobs name nobody, by name, address or number; the test of it can fail."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from rq.registry import FailedJobRegistry
from sqlalchemy import text

from app import jobs
from app.config import Config
from app.inbox.receive import Kept, insert_webhooks
from tests.conftest import Machine
from tests.integration.operations.processes import running
from tests.journeys.opening import living_clock, opened_stage
from tests.journeys.people import someone
from tests.waiting import until


@pytest.mark.parametrize("leak", ["email", "phone", "name"])
def test_one_line_about_one_person_of_a_story_fails_it(database: Machine, leak: str) -> None:
    ana = someone("anastasia", phone="+393471234567")

    with (
        pytest.raises(AssertionError, match="a_deliberate_leak"),
        living_clock() as clock,
        opened_stage(database, clock),
    ):
        structlog.get_logger().debug("a_deliberate_leak", about=f"of {getattr(ana, leak)}.")


@pytest.fixture
def breaking(database: Machine) -> Iterator[None]:
    """A database that refuses every change of a webhook, and quotes the row when it does."""
    rule = "ALTER TABLE webhooks ADD CONSTRAINT never CHECK (status = 'waiting') NOT VALID"
    with database.owner.begin() as connection:
        connection.execute(text(rule))
    yield
    with database.owner.begin() as connection:
        connection.execute(text("ALTER TABLE webhooks DROP CONSTRAINT never"))


def test_what_broke_a_worker_is_told_by_kind_and_place_in_its_log_and_in_the_queue(
    settings: Config, database: Machine, store_id: UUID, order: bytes, breaking: None
) -> None:
    known = json.loads(order)
    quoted = "Failing row contains"
    kept = Kept(
        store_id=store_id,
        webhook_key=known["email"],
        topic="orders/create",
        body=order,
        triggered_at=None,
    )

    with running("worker", settings) as worker:
        insert_webhooks([kept])
        until(lambda: bool(jobs.redis().zcard("rq:failed:inbox")))
        worker.ask_to_end()
        worker.ended()
    (job_id,) = FailedJobRegistry(queue=jobs.queue("inbox")).get_job_ids()
    job = jobs.queue("inbox").fetch_job(job_id)
    assert job is not None
    result = job.latest_result()

    said = "".join(worker.said)
    assert result is not None
    trace = result.exc_string or ""
    assert "CheckViolation" in said
    assert "CheckViolation" in trace
    for told in (said, trace, job.description or ""):
        assert quoted not in told
        assert known["email"] not in told
