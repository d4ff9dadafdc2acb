"""Waiting for somebody else: by asking, for as long as a slow machine may need."""

import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

PATIENCE = 60.0


def until(holds: Callable[[], object], longest: float = PATIENCE, every: float = 0.1) -> float:
    """Ask again and again until it holds; the seconds that took. Raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > longest:
            raise TimeoutError(f"It did not come to pass in {longest:.0f} seconds.")
        time.sleep(every)
    return time.monotonic() - began


def answers(port: int) -> bool:
    """Whether a web process of ours is up on this port of loopback."""
    with suppress(OSError, HTTPException):
        door = HTTPConnection("127.0.0.1", port, timeout=2.0)
        door.request("GET", "/healthz")
        return door.getresponse().status == HTTPStatus.OK
    return False
