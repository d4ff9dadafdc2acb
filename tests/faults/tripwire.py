"""Kills a real process at a named point. A point is armed by a file; the process that passes it
first removes the file and dies with its whole group, as by `kill -9`.

The storm's processes are started through here (`python -m tests.faults.tripwire workers.main`),
so that no process of a merchant knows how to do this.
"""

import os
import runpy
import signal
import sys
from functools import partial
from pathlib import Path

from app import points
from app.points import Point

FOLDER = "FAULT_POINTS"


def arm() -> None:
    """Watch the points of this process."""
    points.watch(partial(_trip, Path(os.environ[FOLDER])))


def _trip(folder: Path, point: Point) -> None:
    try:
        (folder / point.name).unlink()
    except FileNotFoundError:
        return
    # The whole group: a granian whose worker dies would live on without it.
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    arm()
    runpy.run_module(sys.argv[1], run_name="__main__")
