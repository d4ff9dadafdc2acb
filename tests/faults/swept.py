"""A stage on which somebody dies: what they leave behind has a lease, and is asked for again and
again until that has run out. Merchants, mail servers and the operator listen as well."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import text
from werkzeug.wrappers import Request, Response

from app import db, jobs
from app.config import Config
from app.inbox.sweep import nudge_all
from app.points import Point
from app.sandbox.server import Service
from tests.conftest import Machine
from tests.fakes.channels import Killed
from tests.fakes.mail import Post, post_office
from tests.journeys.opening import living_clock
from tests.journeys.stage import Stage
from workers.jobs import drain

LEASE = timedelta(minutes=11)
"""Past every lease but a worker's whole batch, and past that one in two."""
ROUNDS = 3


class Trip:
    """Kills once at each point that is armed; the machine under it lives on and is swept."""

    def __init__(self) -> None:
        self.armed: set[Point] = set()

    def __call__(self, point: Point) -> None:
        if point in self.armed:
            self.armed.discard(point)
            raise Killed


class Ears(Service):
    """The merchant's server that a step calls, and the operator's. `heard`: (delivery, body)."""

    routes: ClassVar = [("POST", "/merchant", "merchant"), ("POST", "/operator", "operator")]

    def __init__(self) -> None:
        super().__init__()
        self.merchant_heard: list[tuple[str, Any]] = []
        self.operator_heard: list[tuple[str, Any]] = []

    def merchant(self, request: Request) -> Response:
        return self._hear(request, self.merchant_heard)

    def operator(self, request: Request) -> Response:
        return self._hear(request, self.operator_heard)

    @staticmethod
    def _hear(request: Request, heard: list[tuple[str, Any]]) -> Response:
        heard.append((request.headers["Comeback-Delivery"], request.get_json()))
        return Response(status=204)


@contextmanager
def swept_stage(machine: Machine, begins_at: datetime) -> Iterator["SweptStage"]:
    """The stage with no store in its database, from this moment on."""
    with machine.owner.begin() as connection:
        connection.execute(text("DELETE FROM stores"))
    db.connect(machine.app_url)
    jobs.connect(machine.redis_url).flushdb()
    with living_clock() as clock:
        clock.moment = begins_at
        with SweptStage(machine, clock).playing() as stage:
            yield stage


@dataclass
class SweptStage(Stage):
    """The app of this process, whose threads die in place of its processes."""

    holds_callbacks: bool = False
    ears: Ears = field(default_factory=Ears)
    post: Post = field(init=False)

    @contextmanager
    def playing(self) -> Iterator["SweptStage"]:
        self.ears.start()
        with post_office() as self.post, super().playing():
            yield self
        self.ears.stop()

    def _configure(self, port: int) -> Config:
        heard = {
            "smtp_url": self.post.url,
            "mail_from": "notices@ours.example",
            "operator_webhook": f"{self.ears.url}/operator",
        }
        self.config = super()._configure(port).model_copy(update=heard)
        return self.config

    def deliver(self) -> int:
        if not self.holds_callbacks:
            return super().deliver()
        self.mail.pump()
        return sum(pump() for pump in self.pumps)

    def settle(self) -> None:
        for _ in range(ROUNDS):
            told = self.deliver()
            with suppress(Killed):
                nudge_all()
            if not self.work() and not told:
                return

    def asks(self, duty: str, store_id: UUID) -> None:
        """What the ticker asks for now and then."""
        with suppress(Killed):
            drain(duty, str(store_id))
