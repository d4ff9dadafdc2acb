"""The door for the operator's scraper: `/metrics`, behind a token. Without one there is no door."""

from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import jobs, metrics
from app.crypto import same
from app.inbox.clocks import known_clocks
from app.inbox.lags import Standing, read_standing
from app.web.limits import GUESSES, limiter, was_a_guess
from app.web.request import config

scrape = Blueprint("scrape", __name__)


@scrape.get("/metrics")
@limiter.limit(GUESSES, deduct_when=was_a_guess)
def numbers() -> Response:
    """All processes together, whichever of them answers."""
    token = config().metrics_token
    if not token:
        abort(404)
    if not same(request.headers.get("Authorization", ""), f"Bearer {token}"):
        abort(401, "Give METRICS_TOKEN as a bearer token.")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Everything:
    """What a scrape tells. A part that does not answer is told as such, not as zero."""

    def collect(self) -> Iterator[Metric]:
        try:
            metrics.share_now()
            counted = [*metrics.read(jobs.redis()), _queues(jobs.waiting()), _clocks()]
        except RedisError:
            counted = []
        try:
            stood = list(gauges(read_standing()))
        except SQLAlchemyError:
            stood = []
        up = GaugeMetricFamily("comeback_up", "Whether a part answers", labels=["part"])
        up.add_metric(["queue"], float(bool(counted)))
        up.add_metric(["database"], float(bool(stood)))
        yield from (up, *counted, *stood)


def _queues(waiting: dict[str, int]) -> Metric:
    return _gauge("comeback_queue_jobs", "Nudges that wait for a worker", "duty", waiting)


def _clocks() -> Metric:
    """Of each machine the clock that is the most wrong."""
    worst = sorted(known_clocks(), key=lambda one: abs(one.ahead))
    meaning = "Seconds by which a machine's clock is ahead of the database's"
    return _gauge(
        "comeback_clock_ahead_seconds", meaning, "host", {one.host: one.ahead for one in worst}
    )


def gauges(standing: Standing) -> Iterator[Metric]:
    rows = GaugeMetricFamily(
        "comeback_due", "Rows that are due and not yet done", labels=["duty", "work"]
    )
    age = GaugeMetricFamily(
        "comeback_due_oldest_seconds",
        "For how long the oldest of them has been due",
        labels=["duty", "work"],
    )
    for lag in standing.lags:
        rows.add_metric([lag.duty, lag.work], lag.waiting)
        age.add_metric([lag.duty, lag.work], lag.oldest_seconds)
    yield from (rows, age)
    yield _gauge("comeback_unsent", "Messages on their way", "status", standing.unsent)
    yield _gauge(
        "comeback_broken_credentials", "Connections that are refused", "kind", standing.broken
    )
    yield _gauge("comeback_troubles", "What is red at a store now", "code", standing.troubles)
    missed = "Stores at which something was missed within a day"
    yield _gauge("comeback_gaps", missed, "resource", standing.gaps)
    failed = {"failed": standing.failed_webhooks}
    yield _gauge("comeback_webhooks_kept", "Webhooks that nobody could read", "status", failed)
    yield _gauge("comeback_notices", "Notices of the last day", "kind", standing.notices)
    yield _gauge("comeback_stores", "Stores", "status", standing.stores)


def _gauge(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
