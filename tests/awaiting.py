"""Coroutines from tests that know no event loop: Playwright keeps one running in their thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Value = TypeVar("Value")


def finish(work: Coroutine[Any, Any, Value]) -> Value:
    """What it comes to, in an event loop and a thread of its own. Raises what it raises."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
