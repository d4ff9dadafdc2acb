"""A worker process: build once, then run RQ over the duties in their order."""

from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app import jobs
from app.config import Config, read_config
from app.factory import connect_process
from workers.jobs import build


def work(config: Config, *, burst: bool = False) -> None:
    """Run until stopped (or, in a burst, until the queues are empty).

    A SimpleWorker does not fork for each job: a job is a batch, and a fork would cost more than
    most batches. A crash loses the process, not the work (law 1).
    """
    connect_process(config)
    build(config)
    worker = SimpleWorker(
        [jobs.queue(duty) for duty in jobs.DUTIES],
        connection=jobs.redis(),
        serializer=JSONSerializer,
    )
    worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)


if __name__ == "__main__":
    work(read_config())
