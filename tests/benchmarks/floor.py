"""The floor under intake: the same rows into the same table, one insert and one commit each, by as
many connections. No HTTP, no signature. Run as `python -m tests.benchmarks.floor '{...}'`."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from app.tenancy import PLATFORM_ROLE
from tests.benchmarks.orders import Orders

INSERT = (
    "INSERT INTO webhooks (store_id, webhook_id, webhook_key, topic, body, status, received_at)"
    " VALUES (%s, %s, %s, 'orders/create', %s, 'waiting', now())"
)


def insert_all(url: str, store_id: UUID, connections: int, bodies: list[bytes]) -> float:
    """Rows per second."""
    waiting, lock = iter(bodies), threading.Lock()
    ready = threading.Barrier(connections + 1)
    threads = [
        threading.Thread(target=_insert, args=(url, store_id, _shared(waiting, lock), ready))
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return len(bodies) / (time.perf_counter() - began)


def _insert(url: str, store_id: UUID, bodies: Iterator[bytes], ready: threading.Barrier) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET ROLE {PLATFORM_ROLE}")
        ready.wait()
        for body in bodies:
            connection.execute(INSERT, (store_id, uuid4(), str(uuid4()), body))


def _shared(waiting: Iterator[bytes], lock: threading.Lock) -> Iterator[bytes]:
    while True:
        with lock:
            body = next(waiting, None)
        if body is None:
            return
        yield body


def main(wish: dict[str, Any]) -> None:
    orders = Orders(wish["seed"], datetime.fromisoformat(wish["at"]))
    bodies = [orders.body() for _ in range(wish["count"])]
    speed = insert_all(wish["url"], UUID(wish["store_id"]), wish["connections"], bodies)
    sys.stdout.write(json.dumps({"per_second": speed}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
