"""The stage of the stories: the real app, database and queue, and the world outside on loopback.

Shops connect the way merchants connect them, webhooks and callbacks arrive over HTTP, and the work
is drained by the worker's own jobs. Only the clock is ours: it moves in steps, and after each step
the world and the app answer each other until both have said everything.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rq.registry import FailedJobRegistry
from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from app import jobs
from app.config import Config
from app.crypto import new_key
from app.factory import create_app, create_doors
from app.inbox.sweep import active_stores, nudge_all
from app.sandbox.klaviyo import KlaviyoWorld
from app.sandbox.server import Service
from app.sandbox.shopify import ShopifyWorld
from app.sandbox.twilio import TwilioWorld
from app.sandbox.woocommerce import Settings, WooWorld
from app.serve import in_thread, listen
from app.stores.connections import Connections
from tests.conftest import Clock, Machine
from workers.jobs import drain
from workers.main import new_worker

STEPS = (
    (timedelta(days=2), timedelta(minutes=30)),
    (timedelta(days=10), timedelta(hours=2)),
    (timedelta.max, timedelta(hours=12)),
)
"""How fine a story lives through so much time at once."""
POLL = timedelta(hours=6)
MOST_JOBS = 500
"""No step of a story has that much to do."""


class StageClock(Clock):
    """`advance` lives through the time in between; `travel` jumps, before a story begins."""

    def __init__(self) -> None:
        super().__init__()
        self.after_each_step: Callable[[], None] | None = None

    def advance(self, **amount: float) -> datetime:
        return self.until(self.moment + timedelta(**amount))

    def until(self, moment: datetime) -> datetime:
        """Live on until `moment`."""
        step = next(step for most, step in STEPS if moment - self.moment <= most)
        while self.moment < moment:
            self.moment = min(self.moment + step, moment)
            if self.after_each_step is not None:
                self.after_each_step()
        return self.moment


class ListeningShopify(ShopifyWorld):
    """Shopify that lets a story act at the very moment the app asks it something."""

    def __init__(self) -> None:
        super().__init__()
        self.deeds: dict[str, list[Callable[[], object]]] = {}

    def grant(self, request: Request) -> Response:
        for deed in self.deeds.pop("grant", ()):
            deed()
        return super().grant(request)

    def graphql(self, request: Request, version: str) -> Response:
        name = str(json.loads(request.get_data()).get("operationName"))
        for deed in self.deeds.pop(name, ()):
            deed()
        return super().graphql(request, version)


class ListeningWoo(WooWorld):
    """The same for WooCommerce: deeds wait for a look at a collection."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.deeds: dict[str, list[Callable[[], object]]] = {}

    def api(self, request: Request, path: str) -> Response:
        for deed in self.deeds.pop(path, ()) if request.method == "GET" else ():
            deed()
        return super().api(request, path)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """The tests read what happened, not the console."""


@dataclass
class Stage:
    """One story's world and the app in it."""

    machine: Machine
    clock: StageClock
    shopify: ListeningShopify = field(default_factory=ListeningShopify)
    mail: KlaviyoWorld = field(default_factory=KlaviyoWorld)
    phones: TwilioWorld = field(default_factory=TwilioWorld)
    woo_sites: list[WooWorld] = field(default_factory=list)
    config: Config = field(init=False)
    silent: set[object] = field(default_factory=set)
    """Shops whose webhooks are held up on their way."""
    pumps: list[Callable[[], int]] = field(default_factory=list)
    """What else the world has to say: the shops' own deliveries."""
    _next_poll: datetime = field(init=False)

    @contextmanager
    def playing(self) -> Iterator["Stage"]:
        """Everything started, the app served, the clock living; all of it stopped at the end."""
        services: tuple[Service, ...] = (self.shopify, self.mail, self.phones)
        for service in services:
            service.start()
        listening = listen()
        config = self._configure(listening.getsockname()[1])
        with in_thread(create_doors(create_app(config), config), listening):
            self._worker = new_worker(self.config)
            self._connections = Connections(self.config)
            self._next_poll = self.clock.moment
            self.clock.after_each_step = self.live
            yield self
            self.clock.after_each_step = None
        for service in (*services, *self.woo_sites):
            service.stop()
        self.shopify.office.close()

    def _configure(self, port: int) -> Config:
        self.config = Config(
            database_url=self.machine.app_url,
            redis_url=self.machine.redis_url,
            secret_keys=new_key(),
            public_url=f"http://127.0.0.1:{port}",
            trusted_proxies=0,
            shopify_endpoint=self.shopify.url,
            shopify_api_key=self.shopify.api_key,
            shopify_api_secret=self.shopify.api_secret,
            klaviyo_client_id="klaviyo-client",
            klaviyo_client_secret="klaviyo-secret",
            klaviyo_endpoint=self.mail.url,
            twilio_endpoint=self.phones.url,
            allow_private_addresses=True,
        )
        self.shopify.hook_url = f"{self.config.public_url}/webhooks/shopify"
        return self.config

    def live(self) -> None:
        """What the ticker asks for at every step, and then everything that follows from it."""
        is_poll = self.clock.moment >= self._next_poll
        if is_poll:
            self._next_poll = self.clock.moment + POLL
            self._connections.keep_alive()
        for store_id in active_stores():
            drain("rhythm", str(store_id))
            if is_poll:
                drain("receipts", str(store_id))
        self.settle()

    def settle(self) -> None:
        """Let the world and the app answer each other until both have said everything."""
        for _ in range(200):
            told = self.deliver()
            nudge_all()
            if not self.work() and not told:
                return
        raise AssertionError("The app and the world do not come to rest.")

    def deliver(self) -> int:
        """Bring to the app what the world has to tell; how many requests that took."""
        told = sum(pump() for pump in self.pumps)
        self.mail.pump()
        return told + len(self.phones.pump())

    def work(self) -> int:
        """Run the jobs that wait, as a worker does; how many there were."""
        for done in range(MOST_JOBS):
            waiting = jobs.redis().exists(*[queue.key for queue in self._worker.queues])
            taken = self._worker.dequeue_job_and_maintain_ttl(timeout=None) if waiting else None
            if taken is None:
                return done
            self._worker.execute_job(*taken)
        raise AssertionError(f"One job asks for the next for ever: {self.failed_jobs()}")

    def failed_jobs(self) -> list[str]:
        """The last line of every job that broke; a story must leave none behind."""
        found = []
        for duty in jobs.DUTIES:
            registry = FailedJobRegistry(queue=jobs.queue(duty))
            for job_id in registry.get_job_ids():
                job = jobs.queue(duty).fetch_job(job_id)
                trace = (job and job.latest_result() and job.latest_result().exc_string) or ""
                found.append(f"{duty}: {trace[-2000:]}")
        return found
