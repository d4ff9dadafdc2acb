"""How many signed webhooks a second the real web app keeps, beside the floor of bare inserts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from app.launch import ROOT, WEB_THREADS
from tests.benchmarks.ground import NOON, Ground, domain_of, new_store
from tests.benchmarks.measure import Figure, Sizes, run_module

WEB_PROCESSES = 2


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Ours and the floor, in turn."""
    ours = Figure("intake: verified, deduplicated, committed, answered", "webhooks/s")
    middle, slowest = Figure("intake: p50", "ms"), Figure("intake: p99", "ms")
    floor = Figure("floor: one insert and one commit for each", "rows/s")
    wish = _wish(here, sizes)
    url, store = here.config.database_url, str(new_store(here.config, presets=False))
    with _served(here):
        run_module("load", wish | {"seed": 1, "count": max(100, sizes.intake // 10)})
        for number in range(sizes.rounds):
            answer = run_module("load", wish | {"seed": 10 + number})
            _require_all_taken(answer, sizes.intake)
            ours.rounds.append(answer["per_second"])
            middle.rounds.append(answer["p50_ms"])
            slowest.rounds.append(answer["p99_ms"])
            bare = run_module("floor", wish | {"seed": 50 + number, "url": url, "store_id": store})
            floor.rounds.append(bare["per_second"])
    return [ours, middle, slowest, floor]


def _wish(here: Ground, sizes: Sizes) -> dict[str, Any]:
    return {
        "port": here.port,
        "connections": sizes.connections,
        "count": sizes.intake,
        "at": NOON.isoformat(),
        "domains": [domain_of(new_store(here.config, presets=False)) for _ in range(2)],
        "secret": here.config.shopify_api_secret,
    }


def _require_all_taken(answer: dict[str, Any], count: int) -> None:
    if answer["statuses"] != {"200": count}:
        raise RuntimeError(f"Not every webhook was taken: {answer['statuses']}")


@contextmanager
def _served(here: Ground) -> Iterator[None]:
    """Granian as the `Procfile` starts it."""
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(here.port), "--workers", str(WEB_PROCESSES)),
        *("--blocking-threads", str(WEB_THREADS), "--no-access-log", "--log-level", "warning"),
        "wsgi:app",
    ]
    settings = here.config.model_dump(exclude_none=True, mode="json")
    environment = {**os.environ, **{name.upper(): str(value) for name, value in settings.items()}}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as web:
        try:
            _wait_for(f"{here.config.public_url}/healthz", web)
            yield
        finally:
            web.terminate()


def _wait_for(url: str, web: subprocess.Popen[bytes]) -> None:
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(transport=transport, timeout=5.0) as client:
        while web.poll() is None:
            try:
                client.get(url).raise_for_status()
            except httpx.HTTPError:
                continue
            return
    raise RuntimeError("The web process did not start.")
