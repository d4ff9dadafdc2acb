"""How far the clock of each process is from the database's, which all of them share.

Due times, leases and quiet hours go by the clock of whoever looks, so that one that is wrong is a
trouble of every store. What was found is kept in Valkey for a few minutes. Must never judge by the
clock of a demo, which runs fast: it is the machine's own time that is compared.
"""

import json
import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime

import structlog
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import clock, jobs
from app.tenancy import platform_transaction

EVERY_SECONDS = 60.0
FRESH_SECONDS = 300.0
"""Who has not been heard of for so long is gone."""
_HASH = "clocks"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A process whose clock was `ahead` seconds before the database's; behind it, if negative."""

    host: str
    process: str
    ahead: float


def watch_clock(process: str) -> None:
    """Compare this process's clock now and every minute, in a thread of its own."""
    threading.Thread(target=_for_ever, args=(process,), name="clock", daemon=True).start()


def report(process: str) -> None:
    """Compare once, and let everybody know. Raises SQLAlchemyError or RedisError."""
    host, name = socket.gethostname(), f"{process} {os.getpid()}"
    told = json.dumps([host, name, _ahead(), _valkeys_now()])
    jobs.redis().hset(_HASH, f"{host} {name}", told)
    gone = [key for key, (age, _) in _told().items() if age > FRESH_SECONDS]
    if gone:
        jobs.redis().hdel(_HASH, *gone)


def known_clocks() -> list[ClockReading]:
    """The latest of every process that lives. Raises RedisError."""
    return [reading for age, reading in _told().values() if age <= FRESH_SECONDS]


def _ahead() -> float:
    """What the question's own way may account for does not count."""
    with platform_transaction("compare clocks") as session:
        asked_at = clock.machine_time()
        theirs: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        heard_at = clock.machine_time()
    if asked_at > theirs:
        return (asked_at - theirs).total_seconds()
    return min(0.0, (heard_at - theirs).total_seconds())


def _told() -> dict[bytes | str, tuple[float, ClockReading]]:
    """What every process has told, and how long ago by Valkey's clock."""
    found, now = jobs.redis().hgetall(_HASH), _valkeys_now()
    return {key: _read(value, now) for key, value in found.items()}


def _read(value: bytes | str, now: float) -> tuple[float, ClockReading]:
    host, process, ahead, at = json.loads(value)
    return now - at, ClockReading(host, process, ahead)


def _valkeys_now() -> float:
    seconds, _ = jobs.redis().time()
    return float(seconds)


def _for_ever(process: str) -> None:
    while True:
        try:
            report(process)
        except (SQLAlchemyError, RedisError) as error:
            _log.warning("clock_not_compared", error=type(error).__name__)
        threading.Event().wait(EVERY_SECONDS)
