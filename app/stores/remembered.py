"""Answers that are good for a few seconds, because every request asks the same."""

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

GOOD_SECONDS = 15.0
REFRESH_SECONDS = 2.0

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """What a look-up found, for a while. What was not found is asked for every time: a store that
    installs this second must be found the next. Safe between threads."""

    def __init__(
        self,
        look_up: Callable[[Key], Value | None],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_up, self._seconds = look_up, seconds
        self._found: dict[Key, tuple[float, Value]] = {}

    def of(self, key: Key) -> Value | None:
        """The answer for `key`; None, or an empty one, if there is none."""
        return self._fresh(key) or self._ask(key)

    async def soon(self, key: Key) -> Value | None:
        """`of`, in a thread where somebody must be asked: for an event loop that serves others."""
        return self._fresh(key) or await asyncio.to_thread(self._ask, key)

    def _fresh(self, key: Key) -> Value | None:
        """What is still good. One of those who come later asks again; a crowd that arrives while it
        does goes on with what was known."""
        known, now = self._found.get(key), self._seconds()
        if known is None or now < known[0]:
            return known and known[1]
        self._found[key] = (now + REFRESH_SECONDS, known[1])
        return None

    def _ask(self, key: Key) -> Value | None:
        value = self._look_up(key)
        if value:
            self._found[key] = (self._seconds() + GOOD_SECONDS, value)
        else:
            self._found.pop(key, None)
        return value
