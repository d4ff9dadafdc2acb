"""One storm: for each scene people shop while the fault is at work; then it waits for quiet and
counts, from the world's own books, what came of it."""

import heapq
import itertools
import json
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from app import clock, logs
from app.inbox.catch_up import FRESH
from tests.ear import addresses_in
from tests.faults.city import City, seconds
from tests.faults.machine import UNSETTLED, machine
from tests.faults.outcome import Outcome
from tests.faults.post import Mode
from tests.faults.scenes import Deed, Ground
from tests.faults.shoppers import Shopper

SPEED = 60
"""Simulated seconds in one of the machine's: the ten-minute lease of a worker that died is ten
seconds, and still longer than any call of the sandbox takes."""
EVENING = 20
"""By then a scene must be over: whoever is reminded must be awake, by law."""
LATEST = timedelta(hours=5, minutes=30)
"""What a scene takes on the city's clock at most, but for the shopping itself."""
MORNING = 10
GRACE = 1.0
"""Seconds of the machine between the last look and the provider's book, which no look can see."""
PATIENCE = 240.0
"""How long nothing may get better before what is missing counts as lost."""
LONGEST = 3_600.0
NOISE = 5
"""So many more are left for a moment, because something is on its way."""
NAMES = {"cart": "reminder", "order": "thanks"}
"""What the storm's flows call the message about each."""
GIVEN_UP = (
    "SELECT count(*) FROM messages m JOIN customers c USING (store_id, customer_id)"
    " JOIN decisions d USING (store_id, message_id)"
    " WHERE c.email = :email AND m.name = :name AND m.channel = :channel"
    " AND m.status = 'failed' AND m.reason = 'result_unknown'"
    " AND d.outcome = 'failed' AND d.reason = 'result_unknown'"
)
MAY_BE_OUT = (
    "SELECT coalesce(string_agg(o.code, ' '), '') FROM offers o"
    " JOIN messages m USING (store_id, journey_id)"
    " WHERE m.status = 'failed' AND m.error_code IS NULL AND m.sent_at IS NOT NULL"
    " AND strpos(coalesce(m.html, ''), o.code) > 0"
)
IN_HAND = (
    "SELECT (SELECT count(*) FROM webhooks WHERE status = 'waiting')"
    " + (SELECT count(*) FROM messages WHERE status IN ('planned', 'sending', 'unknown')"
    " AND due_at <= :now)"
    " + (SELECT count(*) FROM journeys WHERE status = 'active' AND due_at <= :now)"
    " + (SELECT count(*) FROM offers WHERE due_at <= :now)"
)


@dataclass(frozen=True)
class Plan:
    """How long people shop in a scene, how many, and at how many shops."""

    people: int = 32
    shopping: float = 8.0
    thinking: tuple[float, float] = (6.0, 14.0)
    seed: int = 7
    shops: int = 3


@contextmanager
def city_and_machine(plan: Plan) -> Iterator[Ground]:
    """The world and the system, on one fast clock."""
    logs.configure("ERROR")
    city = City(plan.seed, time.time(), SPEED, plan.shops)
    clock.use(clock.accelerated(city.clock()))
    city.start()
    try:
        with machine(city.settings(), city.open) as running:
            city.post.start()
            yield Ground(city, running, Random(plan.seed))
            city.stop()
    finally:
        city.world.stop()
        city.desk.stop()


def play(scenes: Mapping[str, Deed], plan: Plan, tell: Callable[[str], None]) -> Iterator[Outcome]:
    """Every scene in turn on one system that is never set up again in between."""
    with city_and_machine(plan) as here:
        for name, deed in scenes.items():
            outcome = _scene(here, name, deed, plan)
            tell(json.dumps(asdict(outcome)))
            yield outcome


def _scene(here: Ground, name: str, deed: Deed, plan: Plan) -> Outcome:
    outcome, tally = Outcome(name), here.city.post.tally
    _wake_up(here, plan)
    here.city.forget_traffic()
    here.people = [here.city.newcomer() for _ in range(plan.people)]
    here.city.sign_up(here.people)
    _wait(lambda: 0 if here.city.post.quiet() and not here.machine.ask(UNSETTLED) else 1)
    before = (len(tally.keys), tally.repeats, tally.unanswered)
    here.machine.crashes.clear()
    fault = threading.Thread(target=_at_work, args=(here, deed, outcome, plan), daemon=True)
    fault.start()
    _shop(here.city, here.people, plan)
    fault.join()
    _end_troubles(here.city)
    ended = time.monotonic()
    missing = _settle(here)
    outcome.settled_in = time.monotonic() - ended
    outcome.accepted = len(tally.keys) - before[0]
    outcome.repeats = tally.repeats - before[1]
    outcome.unanswered = tally.unanswered - before[2]
    outcome.crashed = ", ".join(f"{n} {times}x" for n, times in here.machine.crashes.items())
    here.city.strays |= set(here.machine.words(MAY_BE_OUT))
    given_up = partial(_was_given_up, here)
    for who in outcome.count(here.city, here.people, seconds(SPEED, GRACE), given_up):
        outcome.details.append(_story(here, who))
    outcome.orders = sum(1 for who in here.people if who.sale)
    outcome.orders_missing = missing.orders
    accepted = tally.keys[before[0] :]
    outcome.webhooks_unsettled = len(accepted) - here.machine.settled(accepted)
    _listen(here, outcome)
    if tally.problems:
        raise RuntimeError(tally.problems[0])
    return outcome


def _listen(here: Ground, outcome: Outcome) -> None:
    """Nobody's address or number is in what our processes have logged."""
    slips = addresses_in(here.machine.said())
    outcome.overheard = len(slips)
    if slips:
        outcome.details.append(f"in the logs: {sorted(set(slips))[:5]}")


def _was_given_up(here: Ground, who: Shopper, kind: str, channel: str) -> bool:
    sought = {"email": who.who.email, "name": NAMES[kind], "channel": channel}
    return here.machine.ask(GIVEN_UP, **sought) > 0


def _wake_up(here: Ground, plan: Plan) -> None:
    """A scene that would run into the night begins on the next morning instead."""
    now = clock.now()
    over_at = now + seconds(SPEED, plan.shopping + plan.thinking[1]) + LATEST
    if now.hour >= MORNING and over_at <= now.replace(hour=EVENING, minute=0):
        return
    here.pass_time(_next_morning(now) - now)


def _next_morning(now: datetime) -> datetime:
    day = now if now.hour < MORNING else now + timedelta(days=1)
    return day.replace(hour=MORNING, minute=0)


def _at_work(here: Ground, deed: Deed, outcome: Outcome, plan: Plan) -> None:
    # Faults go on until the reminders have begun to leave.
    here.until = time.monotonic() + plan.shopping + plan.thinking[0]
    here.over = time.monotonic() + plan.shopping + plan.thinking[1] + 1.0
    try:
        done = deed(here)
        outcome.hits, outcome.done = done.hits, done.what
    except Exception:
        outcome.failed = True
        outcome.details.append(traceback.format_exc())


def _end_troubles(city: City) -> None:
    city.post.mode = Mode.DELIVERS
    for service in (city.world.mail, city.world.phones, city.world.shopify, city.world.woo):
        with service.lock:
            service.faults.clear()


def _story(here: Ground, who: Shopper) -> str:
    told = {kind: at.isoformat() for kind, at in who.told.items()}
    reasons = here.machine.reasons(who.who.email)
    return f"{who.deed}, told {told}, shut {who.shut_at}: {here.city.arrived(who)}; {reasons}"


def _shop(city: City, people: Sequence[Shopper], plan: Plan) -> None:
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


@dataclass
class Missing:
    """What has still to come. People and orders that are complete are not looked at again."""

    people: list[Shopper]
    sales: list[str]
    messages: int = 0
    orders: int = 0
    unsettled: int = 0
    waited: bool = False

    @property
    def total(self) -> int:
        return self.messages + self.orders + self.unsettled


def _settle(here: Ground) -> Missing:
    """Until everything due has arrived, every order is known and nothing waits, or patience is at
    its end."""
    missing = Missing(list(here.people), [who.order for who in here.people if who.order])

    def left() -> int:
        here.machine.tend()
        _look(here, missing)
        _sleep(here, missing)
        on_its_way = not here.city.post.quiet()
        if missing.orders and missing.total == missing.orders and not on_its_way:
            _let_them_be_found(here, missing)
        return missing.total + on_its_way

    _wait(left)
    return missing


def _sleep(here: Ground, missing: Missing) -> None:
    """What the law moves to the next morning is not waited for in the dark: once nothing else is in
    hand, it is morning."""
    now = clock.now()
    if MORNING <= now.hour < EVENING or not missing.messages or here.machine.ask(IN_HAND, now=now):
        return
    here.pass_time(_next_morning(now) - now)


def _let_them_be_found(here: Ground, missing: Missing) -> None:
    """Nothing is left but orders that no webhook has told of: a look at the shop finds them, once
    they are too old for a webhook to be still on its way."""
    ripe_at = max(who.sale.at for who in here.people if who.sale) + FRESH
    if not missing.waited and clock.now() < ripe_at:
        here.pass_time(ripe_at - clock.now() + timedelta(minutes=1))
    missing.waited = True
    here.look_after_shops()


def _look(here: Ground, missing: Missing) -> None:
    here.city.books.read()
    missing.people = [who for who in missing.people if not who.due or here.city.missing(who)]
    missing.messages = sum(here.city.missing(who).total() for who in missing.people)
    known = here.machine.known_orders(missing.sales)
    missing.sales = [order for order in missing.sales if order not in known]
    missing.orders = len(missing.sales)
    missing.unsettled = here.machine.ask(UNSETTLED)


def _wait(left: Callable[[], int]) -> None:
    """Until nothing is left, or nothing has become better for a long time. What is told meanwhile
    and becomes due is more to wait for, and nothing that became worse."""
    best, until, end = 0, time.monotonic() + PATIENCE, time.monotonic() + LONGEST
    while (now_left := left()) and time.monotonic() < min(until, end):
        if now_left < best or now_left > best + NOISE:
            best, until = now_left, time.monotonic() + PATIENCE
        time.sleep(0.2)
