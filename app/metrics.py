"""Numbers for the operator's scraper. Labels are few and never carry a person or an address.

Every process counts by itself and adds what is new to one hash in Valkey every few seconds; whoever
is scraped answers with the sum. Counts may be lost with Valkey: a scraper takes that for a restart.
See docs/decisions/0009-numbers-of-many-processes.md.
"""

import atexit
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample
from redis import Redis
from redis.exceptions import RedisError

SHARE_SECONDS = 5.0
_HASH = "metrics"
_OWN = CollectorRegistry()

WEBHOOKS = Counter(
    "comeback_webhooks", "Webhooks by outcome at the door", ["platform", "outcome"], registry=_OWN
)
WEBHOOK_SECONDS = Histogram(
    "comeback_webhook_seconds",
    "From a webhook's arrival until it was applied",
    ["topic", "outcome"],
    buckets=(0.1, 0.5, 1, 2, 5, 15, 60, 300, 3600),
    registry=_OWN,
)
SENDS = Counter(
    "comeback_sends",
    "Messages by what the provider answered",
    ["channel", "outcome"],
    registry=_OWN,
)
PROVIDER_SECONDS = Histogram(
    "comeback_provider_seconds",
    "Time a shop or a provider took to answer, or to fail",
    ["provider", "call"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_OWN,
)

_shared: dict[str, float] = {}
_sharing = threading.Lock()
_redis: Redis | None = None


@contextmanager
def timed(provider: str, call: str) -> Iterator[None]:
    """Count how long the body took, whatever came of it."""
    began = perf_counter()
    try:
        yield
    finally:
        PROVIDER_SECONDS.labels(provider, call).observe(perf_counter() - began)


def share(redis: Redis) -> None:
    """Add this process's counts to everybody's from here on, and once more when it ends."""
    global _redis
    started, _redis = _redis is not None, redis
    if not started:
        threading.Thread(target=_share_for_ever, name="metrics", daemon=True).start()
        atexit.register(share_now)


def share_now() -> None:
    """Add what was counted since the last time. A Valkey that is away gets it the next time."""
    with _sharing:
        if _redis is None:
            return
        now = {_field(sample): sample.value for sample in _samples()}
        news = {name: value - _shared.get(name, 0.0) for name, value in now.items()}
        try:
            with _redis.pipeline(transaction=True) as pipe:
                for name, value in news.items():
                    if value:
                        pipe.hincrbyfloat(_HASH, name, value)
                pipe.execute()
        except RedisError:
            return
        _shared.update(now)


def read(redis: Redis) -> Iterable[Metric]:
    """The counts of all processes together. Raises RedisError when they cannot be read."""
    found: dict[bytes, bytes] = redis.hgetall(_HASH)  # type: ignore[assignment] # Not a coroutine.
    families = {metric.name: _empty(metric) for metric in _OWN.collect()}
    for name in sorted(found, key=_order):
        family, suffix, labels = json.loads(name)
        if family in families:
            families[family].add_sample(family + suffix, labels, float(found[name]))
    return families.values()


def _share_for_ever() -> None:
    while True:
        threading.Event().wait(SHARE_SECONDS)
        share_now()


def _samples() -> Iterator[Sample]:
    for metric in _OWN.collect():
        yield from (one for one in metric.samples if not one.name.endswith("_created"))


def _field(sample: Sample) -> str:
    """The field of the hash: family, suffix and labels of one sample."""
    family, underscore, suffix = sample.name.rpartition("_")
    return json.dumps([family, underscore + suffix, dict(sorted(sample.labels.items()))])


def _order(name: bytes) -> tuple[str, float, str]:
    """A histogram's buckets are told in their order."""
    family, suffix, labels = json.loads(name)
    rest = {key: value for key, value in labels.items() if key != "le"}
    return f"{family}{json.dumps(rest)}", float(labels.get("le", "inf")), suffix


def _empty(metric: Metric) -> Metric:
    return Metric(metric.name, metric.documentation, metric.type)
