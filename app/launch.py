"""Getting this machine ready: databases that are not given are started, the schema is brought up to
date, and the processes of the `Procfile` run until somebody stops them."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from honcho import manager as honcho_manager
from honcho.manager import Manager
from sqlalchemy import create_engine

from app import embedded
from app.config import Config, read_config
from app.db import driver_url
from app.errors import ConfigError
from app.schema import migrate, require_ordinary_role
from app.tenancy import APP_ROLE

GRACE_SECONDS = 30
"""What a process that was asked to end is given to finish what it has in hand."""

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that is ready: settings complete, databases up, schema current."""

    config: Config
    environment: Mapping[str, str]


@contextmanager
def machine(extra: Mapping[str, str] | None = None) -> Iterator[Machine]:
    """Start what the environment does not name, migrate, and stop what was started at the end.

    `extra` settings win over the environment. Raises ConfigError when they do not fit together.
    """
    os.environ.update(extra or {})
    config = read_config()
    servers = _start_missing(config)
    try:
        config = read_config()
        _require_database(config)
        assert config.database_owner_url and config.database_url
        migrate(config.database_owner_url, config.database_url)
        check_role(config.database_url)
        yield Machine(config, dict(os.environ))
    finally:
        if servers is not None:
            servers.stop()


def _start_missing(config: Config) -> embedded.Servers | None:
    """Fill in what is not set. A given DATABASE_URL without REDIS_URL (or the reverse) is fine."""
    if not config.secret_keys:
        os.environ["SECRET_KEYS"] = embedded.local_keys(config.data_dir)
    if config.database_url and config.redis_url:
        return None
    servers = embedded.start(
        config.data_dir, postgres=not config.database_url, valkey=not config.redis_url
    )
    if servers.postgres_url:
        os.environ["DATABASE_OWNER_URL"] = servers.postgres_url
        os.environ["DATABASE_URL"] = embedded.app_url(servers.postgres_url, APP_ROLE)
    if servers.redis_url:
        os.environ["REDIS_URL"] = servers.redis_url
    return servers


def _require_database(config: Config) -> None:
    if config.database_url and not config.database_owner_url:
        raise ConfigError(
            "DATABASE_URL is set, so set DATABASE_OWNER_URL as well: migrations run as the owner,"
            " the app as an ordinary role."
        )


def check_role(app_url: str) -> None:
    """Raises ConfigError when the app would connect past row-level security."""
    engine = create_engine(driver_url(app_url))
    with engine.connect() as connection:
        require_ordinary_role(connection)
    engine.dispose()


def run_processes(machine: Machine, workers: int = 1) -> int:
    """Web, worker and ticker under one console until one ends or Ctrl-C; returns the exit code."""
    # It would kill after five seconds, and a worker in the middle of a provider's calls needs more.
    honcho_manager.KILL_WAIT = GRACE_SECONDS
    manager = Manager()
    python = sys.executable
    environment = dict(machine.environment)
    environment["PYTHONPATH"] = str(ROOT)
    manager.add_process("web", f"{python} -m app.serve", env=environment, cwd=str(ROOT))
    for number in range(1, workers + 1):
        manager.add_process(
            f"worker.{number}", f"{python} -m workers.main", env=environment, cwd=str(ROOT)
        )
    manager.add_process("ticker", f"{python} -m workers.ticker", env=environment, cwd=str(ROOT))
    manager.loop()
    return manager.returncode or 0
