"""The mail SDK builds its parts when they are first asked for, which takes a second; a worker asks
before its first job, so that no order waits behind the first mail or poll."""

from rq.job import JobStatus

from app import jobs
from app.config import Config
from app.sandbox.klaviyo import KlaviyoWorld
from tests.integration.operations.first_job import send_and_poll
from tests.integration.operations.processes import running
from tests.waiting import until

KEY = "pk_first"


def test_a_workers_first_job_finds_the_whole_mail_sdk_loaded(settings: Config) -> None:
    world = KlaviyoWorld()
    world.start()
    world.add_account("Erbe Buone", private_key=KEY)
    job = jobs.queue("messages").enqueue(send_and_poll, KEY, world.url)

    with running("worker", settings) as worker:
        until(lambda: job.get_status() in {JobStatus.FINISHED, JobStatus.FAILED})
        assert job.return_value() == [], worker.said
    world.stop()
