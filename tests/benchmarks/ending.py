"""From an order's webhook to the end of its cart journey, through the real processes under load:
two of the web, two workers, the ticker, and a clock that runs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
from rq import Worker
from sqlalchemy import delete, select, update

from app import clock, jobs
from app.inbox.sweep import active_stores
from app.launch import ROOT
from app.models import (
    UNSENT,
    Journey,
    JourneyStatus,
    Message,
    Store,
    StoreStatus,
    Webhook,
)
from app.sandbox.shopify.signing import digest
from app.tenancy import platform_transaction
from tests.benchmarks.contenders import ours
from tests.benchmarks.ground import NOON, WORKERS, Ground, domain_of, new_store
from tests.benchmarks.measure import Figure, Sizes
from tests.benchmarks.orders import Orders
from tests.benchmarks.people import enter, name_carts
from tests.waiting import until

STORES = 4
SENDERS = 8
SHARES = {"p50": 0.5, "p99": 0.99, "slowest": 1.0}
NEVER = NOON + timedelta(days=36_500)
_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 60.0


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """How long half, 99 of 100 and all of the orders take."""
    what = f"ending: {sizes.a_second} orders a second, from an order to the end of its cart journey"
    figures = {share: Figure(f"{what}, {share}", "ms") for share in SHARES}
    clock.use(None)
    try:
        with ExitStack() as stack:
            stack.enter_context(_closed(active_stores()))
            stack.enter_context(ours(here))
            for module in (*["workers.main"] * WORKERS, "workers.ticker"):
                stack.enter_context(_running(here, module))
            until(lambda: _workers_at_rest() == WORKERS, longest=180)
            for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds):
                waits = _round(here, sizes, 50 + number)
                if number >= 0:
                    for share, figure in figures.items():
                        place = min(len(waits) - 1, int(len(waits) * SHARES[share]))
                        figure.rounds.append(waits[place] * 1000)
    finally:
        clock.use(lambda: NOON)
    return list(figures.values())


def _workers_at_rest() -> int:
    """Workers that are up and wait for their first job."""
    return sum(one.get_state() == "idle" for one in Worker.all(connection=jobs.redis()))


@contextmanager
def _closed(stores: Sequence[UUID]) -> Iterator[None]:
    """These stores have left meanwhile: the clock has moved on by months for them, so that all
    their flows would be due at once, and their shops' tokens are long worn out. What was kept of
    them to measure intake is applied by nobody, and what was planned goes out in another life."""
    _become(stores, StoreStatus.UNINSTALLED, due_at=None)
    with platform_transaction("a benchmark puts away what other parts have left") as session:
        session.execute(delete(Webhook).where(Webhook.store_id.in_(stores)))
        unsent = Message.store_id.in_(stores) & Message.status.in_(UNSENT)
        session.execute(update(Message).where(unsent).values(due_at=NEVER))
    try:
        yield
    finally:
        _become(stores, StoreStatus.ACTIVE)


def _become(stores: Sequence[UUID], status: StoreStatus, **journeys: None) -> None:
    with platform_transaction("a benchmark closes and opens stores") as session:
        session.execute(update(Store).where(Store.store_id.in_(stores)).values(status=status))
        if journeys:
            session.execute(update(Journey).where(Journey.store_id.in_(stores)).values(**journeys))


@contextmanager
def _running(here: Ground, module: str) -> Iterator[None]:
    settings = here.config.model_dump(exclude_none=True, mode="json")
    environment = {**os.environ, **{key.upper(): str(value) for key, value in settings.items()}}
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            yield
        finally:
            process.terminate()


def _round(here: Ground, sizes: Sizes, number: int) -> list[float]:
    """The seconds each journey took to end, the shortest first."""
    now, each = clock.now(), sizes.a_second * sizes.seconds // STORES
    waiting: dict[UUID, int] = {}
    sent: dict[int, float] = {}
    sources = []
    for place in range(STORES):
        store_id = new_store(here.config, presets=True)
        seed = number * STORES + place
        enter(store_id, each, str(seed), now, now + timedelta(days=1))
        tokens = name_carts(store_id, str(seed), seed * 1_000_000)
        waiting |= {journey: int(token.removeprefix("cart")) for journey, token in tokens.items()}
        sources.append((domain_of(store_id), Orders(seed, now), seed * 1_000_000))
    orders = [_order(sources, turn) for turn in range(each * STORES)]
    begin = time.perf_counter() + 0.5
    senders = [
        threading.Thread(target=_send, args=(here, orders[place::SENDERS], sent, (begin, gap)))
        for place in range(SENDERS)
        if (gap := SENDERS / sizes.a_second)
    ]
    for sender in senders:
        sender.start()
    ended = _watch(waiting)
    for sender in senders:
        sender.join()
    return sorted(ended[journey] - sent[order] for journey, order in waiting.items())


def _order(sources: Sequence[tuple[str, Orders, int]], turn: int) -> tuple[int, str, bytes]:
    domain, orders, first = sources[turn % STORES]
    return first + turn // STORES + 1, domain, orders.body()


def _send(
    here: Ground,
    orders: Sequence[tuple[int, str, bytes]],
    sent: dict[int, float],
    pace: tuple[float, float],
) -> None:
    """Send at a steady pace, whatever the answers take."""
    begin, gap = pace
    rest = threading.Event()
    secret = here.config.shopify_api_secret or ""
    with httpx.Client(base_url=f"http://127.0.0.1:{here.port}", timeout=10.0) as client:
        for turn, (number, domain, body) in enumerate(orders):
            rest.wait(max(0.0, begin + turn * gap - time.perf_counter()))
            sent[number] = time.perf_counter()
            headers = {
                "Content-Type": "application/json",
                "X-Shopify-Topic": "orders/create",
                "X-Shopify-Shop-Domain": domain,
                "X-Shopify-Hmac-Sha256": digest(body, secret),
                "X-Shopify-Webhook-Id": str(uuid4()),
            }
            client.post("/webhooks/shopify", content=body, headers=headers).raise_for_status()


def _watch(waiting: dict[UUID, int]) -> dict[UUID, float]:
    """When each journey was first seen to have ended."""
    ended: dict[UUID, float] = {}
    keys = select(Journey.journey_id).where(Journey.status == JourneyStatus.EXITED)
    until, rest = time.perf_counter() + _PATIENCE_SECONDS, threading.Event()
    while waiting.keys() - ended.keys():
        if time.perf_counter() > until:
            raise RuntimeError("Not every order ended its journey.")
        rest.wait(_LOOK_SECONDS)
        with platform_transaction("a benchmark looks which journeys have ended") as session:
            found = session.scalars(keys).all()
        now = time.perf_counter()
        ended |= {journey: now for journey in found if journey not in ended}
    return ended
