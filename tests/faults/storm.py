"""One storm: for each scene people shop while the fault is at work; then it waits for quiet and
counts, from the world's own books, what came of it."""

import heapq
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from random import Random

from app import clock, logs
from tests.faults.city import City, Shopper, seconds
from tests.faults.machine import machine
from tests.faults.scenes import Deed, Ground

SPEED = 60
"""Simulated seconds in one of the machine's: the ten-minute lease of a dead worker is ten seconds,
and still longer than any call of the sandbox takes."""
START = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
GRACE = 1.0
"""Seconds of the machine between the last look and the provider's book, which no look can see."""
PATIENCE = 240.0
GIVEN_UP = "SELECT count(*) FROM messages WHERE status = 'failed' AND reason = 'result_unknown'"
UNSETTLED = (
    "SELECT (SELECT count(*) FROM webhooks WHERE status = 'waiting')"
    " + (SELECT count(*) FROM messages WHERE status IN ('planned', 'sending', 'unknown'))"
    " + (SELECT count(*) FROM journeys WHERE status = 'active')"
)


@dataclass(frozen=True)
class Plan:
    """How long people shop in a scene, and how many."""

    people: int = 32
    shopping: float = 8.0
    thinking: tuple[float, float] = (6.0, 14.0)
    seed: int = 7


@dataclass
class Outcome:
    """A scene's row. Everything but `settled_in` and `crashed` is a count."""

    scene: str
    done: str = ""
    hits: int = 0
    accepted: int = 0
    repeats: int = 0
    unanswered: int = 0
    orders: int = 0
    orders_missing: int = 0
    due: int = 0
    lost: int = 0
    duplicated: int = 0
    after_purchase: int = 0
    after_opt_out: int = 0
    webhooks_unsettled: int = 0
    given_up: int = 0
    in_the_call: int = 0
    settled_in: float = 0.0
    crashed: str = ""
    details: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        return (
            self.orders_missing
            + self.lost
            + self.duplicated
            + self.after_purchase
            + self.after_opt_out
            + self.webhooks_unsettled
        )


@contextmanager
def city_and_machine(plan: Plan) -> Iterator[Ground]:
    """The world and the system, on one fast clock."""
    logs.configure("ERROR")
    city = City(plan.seed, (START, time.time(), SPEED))
    spec = city.spec_with()
    clock.use(clock.accelerated(spec))
    city.start()
    try:
        settings = {**city.world.settings(""), "CLOCK": spec}
        with machine(settings, city.open) as running:
            yield Ground(city, running, Random(plan.seed))
            city.stop()
    finally:
        city.world.stop()


def play(scenes: Mapping[str, Deed], plan: Plan, tell: Callable[[str], None]) -> list[Outcome]:
    """Every scene in turn on one system that is never set up again in between."""
    outcomes = []
    with city_and_machine(plan) as here:
        for name, deed in scenes.items():
            outcomes.append(_scene(here, name, deed, plan))
            tell(json.dumps(asdict(outcomes[-1])))
    return outcomes


def _scene(here: Ground, name: str, deed: Deed, plan: Plan) -> Outcome:
    outcome, post = Outcome(name), here.city.post
    people = [here.city.newcomer() for _ in range(plan.people)]
    here.city.sign_up(people)
    _wait_until(lambda: here.city.quiet() and here.machine.ask(UNSETTLED) == 0)
    before = (len(post.taken), post.repeats, post.unanswered + post.refused)
    given_up = here.machine.ask(GIVEN_UP)
    behind = _unsettled(here)
    here.machine.crashes.clear()
    fault = threading.Thread(target=_at_work, args=(here, deed, outcome, plan), daemon=True)
    fault.start()
    _shop(here.city, people, plan)
    fault.join()
    _end_troubles(here.city)
    ended = time.monotonic()
    _settle(here, people)
    outcome.settled_in = time.monotonic() - ended
    outcome.accepted = len(post.taken) - before[0]
    outcome.repeats = post.repeats - before[1]
    outcome.unanswered = post.unanswered + post.refused - before[2]
    outcome.crashed = ", ".join(f"{n} {times}x" for n, times in here.machine.crashes.items())
    _count(here, people, outcome)
    outcome.webhooks_unsettled = _unsettled(here) - behind
    outcome.given_up = here.machine.ask(GIVEN_UP) - given_up
    return outcome


def _at_work(here: Ground, deed: Deed, outcome: Outcome, plan: Plan) -> None:
    # Faults go on until the reminders have begun to leave.
    here.until = time.monotonic() + plan.shopping + plan.thinking[0]
    done = deed(here)
    outcome.hits, outcome.done = done.hits, done.what


def _end_troubles(city: City) -> None:
    for service in (city.world.mail, city.world.phones):
        with service.lock:
            service.faults.clear()


def _shop(city: City, people: list[Shopper], plan: Plan) -> None:
    """Everybody arrives within the shopping time, and thinks again a while later."""
    order, began = itertools.count(), time.monotonic()
    acts: list[tuple[float, int, Callable[[], None]]] = []
    for shopper in people:
        at = city.dice.uniform(0, plan.shopping)
        again = at + city.dice.uniform(*plan.thinking)
        heapq.heappush(acts, (at, next(order), lambda who=shopper: city.arrives(who)))  # type: ignore[misc]
        heapq.heappush(acts, (again, next(order), lambda who=shopper: city.thinks_again(who)))  # type: ignore[misc]
    while acts:
        at, _, act = heapq.heappop(acts)
        time.sleep(max(0.0, began + at - time.monotonic()))
        act()


def _settle(here: Ground, people: list[Shopper]) -> None:
    """Until everything due has arrived and nothing waits, or patience is at its end."""

    def at_rest() -> bool:
        here.machine.tend()
        return _at_rest(here, people)

    _wait_until(at_rest)


def _wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < until:
        time.sleep(0.2)


def _at_rest(here: Ground, people: list[Shopper]) -> bool:
    told = here.city.quiet() and not any(here.city.missing(who) for who in people)
    return told and here.machine.ask(UNSETTLED) == 0


def _count(here: Ground, people: list[Shopper], outcome: Outcome) -> None:
    city, grace = here.city, seconds(SPEED, GRACE)
    for who in people:
        arrived, missing = city.arrived(who), city.missing(who)
        outcome.due += 2 * len(who.due)
        outcome.lost += missing.total()
        times = Counter((kind, channel) for kind, channel, _ in arrived)
        outcome.duplicated += sum(times.values()) - len(times)
        after = [
            (channel, at)
            for kind, channel, at in arrived
            if kind == "cart" and who.shut_at and at > who.shut_at
        ]
        late = [each for each in after if who.shut_at and each[1] > who.shut_at + grace]
        outcome.in_the_call += len(after) - len(late)
        if who.deed == "refuses":
            outcome.after_opt_out += len(late)
        else:
            outcome.after_purchase += len(late)
        if missing or late or sum(times.values()) != len(times):
            reasons = here.machine.reasons(who.who.email)
            outcome.details.append(f"{who.deed}, shut {who.shut_at}: {arrived}; {reasons}")
    keys = [str(who.sale.handle.key) for who in people if who.sale]
    outcome.orders = len(keys)
    known = ", ".join(f"'{key}'" for key in keys)
    outcome.orders_missing = len(keys) - here.machine.ask(
        f"SELECT count(*) FROM orders WHERE order_key IN ({known or 'NULL'})"
    )


def _unsettled(here: Ground) -> int:
    """Webhooks that we have answered with 200 and not worked off."""
    settled = "SELECT count(*) FROM webhooks WHERE status IN ('applied', 'ignored')"
    return len(here.city.post.taken) - here.machine.ask(settled)
