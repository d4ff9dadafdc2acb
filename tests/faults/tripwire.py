"""Kills a real process at a named point. A point is armed by a file; the process that passes it
first removes the file and dies with its whole group, as by `kill -9`.

The storm's processes are started through here (`python -m tests.faults.tripwire workers.main`),
so that no process of a merchant knows how to do this. Where the scene keeps a book, who died where
is written in it, and the time is what the book says.
"""

import os
import runpy
import signal
import sys
from functools import partial
from pathlib import Path

from app import clock, points
from app.points import Point
from tests.faults.death_book import Book

FOLDER = "FAULT_POINTS"
BOOK = "FAULT_BOOK"


def arm(name: str) -> None:
    """Watch the points of this process."""
    book = Book(Path(os.environ[BOOK])) if BOOK in os.environ else None
    points.watch(partial(_trip, Path(os.environ[FOLDER]), name, book))
    if book is not None:
        clock.use(book.now)


def _trip(folder: Path, name: str, book: Book | None, point: Point) -> None:
    try:
        (folder / point.name).unlink()
    except FileNotFoundError:
        return
    if book is not None:
        book.note(name, point)
    # The whole group: a server whose worker dies would live on without it.
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    arm(sys.argv[1].removeprefix("workers.").replace("main", "worker"))
    runpy.run_module(sys.argv[1], run_name="__main__")
