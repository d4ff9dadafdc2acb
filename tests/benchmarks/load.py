"""The load generator, a process of its own: keep-alive connections that each wait for the answer
before they send the next webhook. Run as `python -m tests.benchmarks.load '{...}'`."""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.benchmarks.deliveries import requests
from tests.benchmarks.orders import Orders

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Run:
    """What is left to send, and what has been answered."""

    waiting: Iterator[bytes]
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: Run) -> None:
        self._run, self._buffer = run, b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or len(rest) < int(length[1] if length else 0):
            return
        self._run.seconds.append(time.perf_counter() - self._sent_at)
        self._run.statuses[head[9:12].decode()] += 1
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("The server hung up."))

    def _next(self) -> None:
        request = next(self._run.waiting, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def send_all(port: int, connections: int, waiting: list[bytes]) -> dict[str, Any]:
    """Send everything and say how long it took, and how long the slowest had to wait."""
    run = Run(iter(waiting))
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    callers = [
        (await loop.create_connection(lambda: Caller(run), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(caller.done for caller in callers))
    took = time.perf_counter() - began
    slow = sorted(run.seconds)
    return {
        "per_second": len(slow) / took,
        "p50_ms": slow[len(slow) // 2] * 1000,
        "p99_ms": slow[len(slow) * 99 // 100] * 1000,
        "statuses": dict(run.statuses),
    }


def main(wish: dict[str, Any]) -> None:
    orders = Orders(wish["seed"], datetime.fromisoformat(wish["at"]))
    waiting = list(requests(orders, wish["doors"], wish["count"]))
    answer = asyncio.run(send_all(wish["port"], wish["connections"], waiting))
    answer["distinct"] = len(set(waiting))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
