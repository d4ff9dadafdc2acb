"""Waking the drains of stores that have something new, and never in the way of a webhook."""

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from app import jobs

NUDGE_SECONDS = 0.05


class Nudger:
    """One trip to the queue at a time, for all stores that were named since the last. A queue that
    does not answer holds up nobody but the next trip; what is never told is found by the sweep."""

    def __init__(self) -> None:
        self._stores: set[UUID] = set()
        self._going: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nudger")

    def add(self, stores: Collection[UUID]) -> None:
        """These have something new."""
        self._stores |= set(stores)
        if self._stores and self._going is None:
            self._going = asyncio.get_running_loop().create_task(self._go())

    async def _go(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._stores:
                stores, self._stores = self._stores, set()
                await loop.run_in_executor(self._thread, _nudge, stores)
                # While webhooks follow each other closely, one trip does for many.
                await asyncio.sleep(NUDGE_SECONDS)
        finally:
            self._going = None


def _nudge(stores: Collection[UUID]) -> None:
    jobs.nudge("inbox", *stores)
