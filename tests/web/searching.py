"""How doors are searched for what makes them fall. `FUZZ_EXAMPLES=2000` searches longer, and each
time elsewhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from hypothesis import HealthCheck, settings

from app.config import Config
from app.web.limits import limiter
from tests.web.whole import whole_app

_NOBODY = dict.fromkeys(
    ("klaviyo_endpoint", "twilio_endpoint", "shopify_endpoint"), "http://127.0.0.1:1"
)


def searched(examples: int) -> settings:
    """So many examples, the same in every run, unless the environment says how many."""
    return settings(
        max_examples=int(os.environ.get("FUZZ_EXAMPLES", examples)),
        deadline=None,
        database=None,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def unlimited_app(config: Config) -> Iterator[Flask]:
    """An app whose doors may be knocked on as often as one likes; every vendor is an address where
    nothing listens, so nobody outside is asked."""
    limiter.enabled = False
    try:
        yield whole_app(config.model_copy(update=_NOBODY))
    finally:
        limiter.enabled = True
