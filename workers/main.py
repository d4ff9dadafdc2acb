"""A worker process: build once, then run RQ over the duties in their order."""

import logging

from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app import jobs
from app.config import Config, read_config
from app.factory import connect_process
from workers.jobs import build


def new_worker(config: Config) -> SimpleWorker:
    """A worker over all duties. The process must be connected.

    It does not fork for each job: a job is a batch, and a fork would cost more than most batches.
    A crash loses the process, not the work (law 1).
    """
    build(config)
    # RQ tells of every job at INFO, and sets that level itself when it is imported.
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    return SimpleWorker(
        [jobs.queue(duty) for duty in jobs.DUTIES],
        connection=jobs.redis(),
        serializer=JSONSerializer,
    )


class Burst:
    """A worker for a program that drives the clock itself: it runs what waits now and returns."""

    def __init__(self, config: Config) -> None:
        self._worker = new_worker(config)

    def run(self, most: int = 10_000) -> int:
        """Run up to `most` jobs that wait; returns how many there were."""
        done = 0
        while done < most and any(queue.count for queue in self._worker.queues):
            taken = self._worker.dequeue_job_and_maintain_ttl(timeout=None)
            if taken is None:
                break
            self._worker.execute_job(*taken)
            done += 1
        return done


def work(config: Config) -> None:
    """Run until stopped."""
    connect_process(config)
    new_worker(config).work(logging_level="WARNING", with_scheduler=False)


if __name__ == "__main__":
    work(read_config())
