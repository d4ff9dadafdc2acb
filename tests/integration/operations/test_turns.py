"""A worker with more urgent work than it can do still looks at how its stores are."""

from uuid import uuid4

from app import jobs
from app.config import Config
from tests.conftest import MakeStore
from workers.main import Burst


def test_urgent_work_without_end_does_not_keep_a_worker_from_the_rest(
    config: Config, make_store: MakeStore
) -> None:
    jobs.nudge("inbox", *(uuid4() for _ in range(10)))
    jobs.nudge("health", make_store())

    worker = Burst(config)
    worker.run(most=1)
    assert jobs.queue("health").count == 1, "what is urgent comes first"
    worker.run(most=1)

    assert jobs.queue("health").count == 0
    assert jobs.queue("inbox").count == 9
