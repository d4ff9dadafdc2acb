"""What work costs the processors, beside how long it took: on a machine that others use as well,
seconds of a stopwatch move and seconds of a processor do not."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from app import db

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _OWN, _DEAD = 1, slice(11, 13), slice(13, 15)
"""Where /proc/PID/stat has them, counted after the command's name (proc_pid_stat(5))."""


@dataclass(frozen=True)
class Spent:
    """Seconds: of the stopwatch, and of the processors in a worker."""

    clock: float
    worker: float


def spent(call: Callable[[], object]) -> Spent:
    """Do it, and say what it took."""
    began, used = time.perf_counter(), time.process_time()
    call()
    return Spent(time.perf_counter() - began, time.process_time() - used)


def postmaster() -> int:
    """The process of the database whose children serve us, which must run on this machine."""
    with db.engine().connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return int(_stat(Path(f"/proc/{backend}"))[_PARENT])


def database_seconds(postmaster: int) -> float:
    """What all processes of the database have used of the processors so far."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = _stat(process)
        except OSError:
            continue  # It has ended since we looked.
        if int(process.name) == postmaster:
            ticks += sum(map(int, [*fields[_OWN], *fields[_DEAD]]))
        elif int(fields[_PARENT]) == postmaster:
            ticks += sum(map(int, fields[_OWN]))
    return ticks / _TICKS


def _stat(process: Path) -> list[str]:
    return (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
