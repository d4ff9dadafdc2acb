"""A worker process: build once, then run RQ over the duties in their order.

Asked to end, it finishes the batch it is at, or the group of messages, and hands the rest back.
"""

import gc
import logging
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from app import jobs, logs, metrics
from app.channels import klaviyo
from app.config import Config, read_config
from app.factory import connect_process
from app.inbox.clocks import watch_clock
from workers.jobs import build
from workers.turns import Turns

AGAIN_SECONDS = 1.0
_SELDOM = 50_000
_log = structlog.get_logger(__name__)


class Worker(SimpleWorker):  # type: ignore[misc] # RQ comes without types.
    """RQ's worker that remembers whether it was asked to stop or has lost its queue, and takes its
    queues in turns."""

    asked_to_stop = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turns = Turns(jobs.URGENT, jobs.PATIENT)

    def execute_job(self, job: Job, queue: Queue) -> None:
        began = time.monotonic()
        super().execute_job(job, queue)
        self._turns.took(queue.name, time.monotonic() - began)
        place = {duty: number for number, duty in enumerate(self._turns.order())}
        # What RQ's own workers do that take their queues in another order than they were given.
        self._ordered_queues = sorted(self.queues, key=lambda each: place[each.name])

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        jobs.stop()
        super().request_stop(signum, frame)


def new_worker(config: Config) -> Worker:
    """A worker over all duties, in a connected process. It does not fork for each job: a job is a
    batch, and costs less than a fork would. A crash loses the process, not the work (law 1)."""
    build(config)
    # RQ tells of every job at INFO, and sets that level itself when it is imported.
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    return Worker(
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


def collect_seldom() -> None:
    """A batch makes a hundred thousand objects which all go when it ends. To look for circles among
    them after every 700, as Python does, is a quarter of a worker's work (record 10)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_SELDOM, 20, 20)


def work(config: Config) -> None:
    """Run until told. RQ ends a worker whose Valkey goes away under a job: another then waits."""
    connect_process(config)
    metrics.share(jobs.redis())
    watch_clock("worker")
    klaviyo.load_sdk()
    collect_seldom()
    with suppress(StopRequested):
        while not _work_while_there_is_a_queue(config):
            _log.warning("queue_lost")
            with suppress(RedisError):  # A signal in this pause asks Valkey too.
                threading.Event().wait(AGAIN_SECONDS)


def _work_while_there_is_a_queue(config: Config) -> bool:
    """True when it was asked to stop."""
    worker = None
    with suppress(RedisError):
        worker = new_worker(config)
        worker.work(logging_level="WARNING", with_scheduler=False)
    return worker is not None and worker.asked_to_stop


if __name__ == "__main__":
    logs.guard_last_words()
    work(read_config())
