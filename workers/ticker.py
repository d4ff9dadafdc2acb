"""The periodic table: what is asked for, and how often. It only nudges; workers do the work.

Not RQ's own cron: that enqueues with pickle and piles up while no worker is alive, see
docs/decisions/0004-the-ticker.md.
"""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app import jobs, logs, metrics
from app.config import Config, read_config
from app.factory import connect_process
from app.inbox.clocks import watch_clock
from app.inbox.sweep import active_stores, all_stores, nudge_all
from app.stores.connections import Connections
from app.stores.letters import stores_with_news
from app.stores.operator import stores_in_trouble

HOUR = 3600.0
EXAMINE = 300.0
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Entry:
    """One line of the table. `seconds` are the machine's, whatever the demo's clock does."""

    name: str
    seconds: float
    call: Callable[[], object]
    next_at: float = 0.0


def table(config: Config) -> list[Entry]:
    """What is asked for and how often, the most urgent first."""
    connections = Connections(config)
    return [
        Entry("sweep", config.sweep_seconds, nudge_all),
        Entry("rhythm", config.rhythm_seconds, lambda: _nudge_each("rhythm")),
        Entry("receipts", config.poll_seconds, lambda: _nudge_each("receipts")),
        Entry("letters", config.poll_seconds, lambda: _nudge_letters(config)),
        Entry("health", EXAMINE, _nudge_health),
        Entry("watch", HOUR, lambda: _nudge_each("watch")),
        Entry("keep_alive", HOUR, connections.keep_alive),
        Entry("retention", 6 * HOUR, _nudge_retention),
    ]


def _nudge_retention() -> None:
    jobs.nudge("retention", *all_stores())


def _nudge_health() -> None:
    """Also a store that has left, while a trouble of it is not over or not told."""
    jobs.nudge("health", *{*active_stores(), *stores_in_trouble()})


def _nudge_letters(config: Config) -> None:
    """A minute lets notices that come together go together."""
    if config.smtp_url:
        jobs.nudge("letters", *stores_with_news())


def _nudge_each(duty: str) -> None:
    jobs.nudge(duty, *active_stores())


def tick(config: Config, stop: threading.Event | None = None) -> None:
    """Run until stopped. One ticker is enough; two do no harm, since a nudge waits only once."""
    connect_process(config)
    metrics.share(jobs.redis())
    watch_clock("ticker")
    stop = stop or _stopped_by_signals()
    entries = table(config)
    while not stop.is_set():
        for entry in entries:
            if entry.next_at <= time.monotonic():
                _run(entry)
        stop.wait(max(0.05, min(entry.next_at for entry in entries) - time.monotonic()))


def _run(entry: Entry) -> None:
    entry.next_at = time.monotonic() + entry.seconds
    try:
        entry.call()
    except Exception as error:
        # A database that restarts must not take the ticker with it; the next round looks again.
        _log.error("tick_failed", entry=entry.name, error=type(error).__name__)


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    logs.guard_last_words()
    tick(read_config())
