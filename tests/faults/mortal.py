"""A stage whose app is real processes: web, two workers and the ticker, each of which can die at a
named point and is started again, as a supervisor does. The clock is the scene's own, so that
a lease ends when the scene says so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from redis.exceptions import RedisError
from rq import Worker

from app import clock, jobs
from app.config import Config
from app.inbox.sweep import nudge_all
from tests.conftest import Machine as Servers
from tests.fakes.mail import post_office
from tests.faults.death_book import Book
from tests.faults.machine import WORKERS, Machine, machine
from tests.faults.swept import ROUNDS, SweptStage
from tests.faults.tripwire import BOOK
from tests.journeys.stage import StageClock
from tests.waiting import answers, until

BREATH = 0.02
PATIENCE = 90.0
LOOKS = 3
"""So often in a row: who is being killed, or has just taken a job, does not show it at once."""


class SharedClock(StageClock):
    """A story's clock, which is everybody's."""

    def __init__(self, book: Book) -> None:
        self._book = book
        super().__init__()

    @property
    def moment(self) -> datetime:
        return self._book.now()

    @moment.setter
    def moment(self, moment: datetime) -> None:
        self._book.turn_to(moment)


@dataclass
class MortalStage(SweptStage):
    """`running` are the processes."""

    running: Machine = field(init=False)

    @contextmanager
    def playing(self) -> Iterator["MortalStage"]:
        services = (self.ears, self.shopify, self.mail, self.phones)
        for service in services:
            service.start()
        with (
            post_office() as self.post,
            machine(self._settings(), self._learn) as self.running,
        ):
            yield self
        for service in services:
            service.stop()
        self.shopify.office.close()

    def _settings(self) -> dict[str, str]:
        return {
            "SHOPIFY_ENDPOINT": self.shopify.url,
            "SHOPIFY_API_KEY": self.shopify.api_key,
            "SHOPIFY_API_SECRET": self.shopify.api_secret,
            "KLAVIYO_ENDPOINT": self.mail.url,
            "KLAVIYO_CLIENT_ID": "klaviyo-client",
            "KLAVIYO_CLIENT_SECRET": "klaviyo-secret",
            "TWILIO_ENDPOINT": self.phones.url,
            "ALLOW_PRIVATE_ADDRESSES": "true",
            "SMTP_URL": self.post.url,
            "MAIL_FROM": "notices@ours.example",
            "OPERATOR_WEBHOOK": f"{self.ears.url}/operator",
            "CLOCK": "",
        }

    def _learn(self, config: Config) -> None:
        self.config = config
        self.shopify.hook_url = f"{config.public_url}/webhooks/shopify"

    def settle(self) -> None:
        for _ in range(ROUNDS):
            self.work()
            told = self.deliver()
            if not nudge_all() and not told:
                break
        self.work()

    def work(self) -> int:
        """Wait until all processes live and none has anything to do; 0, for nobody counts."""
        quiet = 0

        def rests() -> bool:
            nonlocal quiet
            self.running.tend()
            quiet = quiet + 1 if self._is_quiet() and answers(self.config.port) else 0
            return quiet == LOOKS

        try:
            until(rests, PATIENCE, BREATH)
        except TimeoutError:
            states = [(one.pid, one.get_state()) for one in self._workers()]
            raise AssertionError(f"No rest: {jobs.waiting()}, workers {states}") from None
        return 0

    def asks(self, duty: str, store_id: UUID) -> None:
        jobs.nudge(duty, store_id)
        self.work()

    @classmethod
    def _is_quiet(cls) -> bool:
        with suppress(RedisError):
            states = [one.get_state() for one in cls._workers()]
            return states == ["idle"] * len(WORKERS) and not any(jobs.waiting().values())
        return False

    @staticmethod
    def _workers() -> list[Worker]:
        return [one for one in Worker.all(connection=jobs.redis()) if _lives(one.pid)]


def _lives(pid: int | None) -> bool:
    with suppress(ProcessLookupError, TypeError):
        os.kill(pid, 0)  # type: ignore[arg-type]
        return True
    return False


@contextmanager
def mortal_stage(begins_at: datetime) -> Iterator[tuple[MortalStage, Book]]:
    """The stage with its processes, and the book in which they are when they die."""
    nobody = Servers("", "", "", None)  # type: ignore[arg-type] # This stage starts its own.
    with TemporaryDirectory() as folder:
        os.environ[BOOK] = folder
        book = Book(Path(folder))
        moving = SharedClock(book)
        moving.moment = begins_at
        clock.use(moving)
        try:
            with MortalStage(nobody, moving).playing() as stage:
                yield stage, book
        finally:
            clock.use(None)
            del os.environ[BOOK]
