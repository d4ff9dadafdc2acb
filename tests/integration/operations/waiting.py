"""Waiting for another process: by asking, for as long as a slow machine may need."""

import threading
from collections.abc import Callable


def until(holds: Callable[[], bool]) -> None:
    """Ask again and again, for a minute at most."""
    for _ in range(600):
        if holds():
            return
        threading.Event().wait(0.1)
    raise TimeoutError("It does not come.")
