"""More scenes: deaths at the named points, a database in trouble, providers that answer badly, a
shop that does not let us in, and time that goes wrong."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

from app import clock
from app.points import Point
from app.sandbox.server import Fault
from app.stores.install import save_channel
from tests.faults.machine import WORKERS
from tests.faults.scenes import EVENTS, TEXTS, Deed, Done, Ground
from tests.waiting import until

LONGEST = 60.0
"""Seconds of the machine for those scenes that take as long as they take."""
OUR_PATIENCE = 10.0
"""What both providers' clients wait for an answer."""
OFF = timedelta(minutes=5)
AT_ONCE = 200
"""More requests than both workers make between two looks."""


def kill_at_points(here: Ground) -> Done:
    """Every point is armed; a process that dies is started again, as a supervisor does."""
    here.machine.arm(list(Point))

    def everybody_has_come_by() -> bool:
        here.machine.tend()
        if here.dice.random() < 0.1:  # Some points lie on the way of a lost answer only.
            lost = partial(Fault, method="POST", after=True, hang_up=True)
            here.city.world.mail.fail(lost(path=EVENTS))
            here.city.world.phones.fail(lost(path=TEXTS))
        return not here.machine.armed()

    with suppress(TimeoutError):
        until(everybody_has_come_by, LONGEST, every=0.2)
    left = sorted(here.machine.armed())
    here.machine.arm(())
    struck = len(Point) - len(left)
    return Done(struck, f"kill -9 at {struck} named points; nobody came by: {', '.join(left)}")


def crash_postgres(here: Ground) -> Done:
    crashes = 0
    while here.pause(2.0, 4.0):
        here.machine.crash_postgres()
        crashes += 1
    return Done(crashes, f"kill -9 of a PostgreSQL process {crashes} times, and its recovery")


def run_out_of_connections(here: Ground) -> Done:
    times = 0
    while here.pause(0.5, 1.5):
        here.machine.most_connections(1)
        here.machine.cut_postgres()
        here.pause(1.0, 2.0)
        here.machine.most_connections(-1)
        times += 1
    return Done(times, f"one connection for all, {times} times for 1 to 2 s")


def lock_tables(here: Ground) -> Done:
    times = 0
    while here.pause(0.2, 1.0):
        table = here.dice.choice(("messages", "journeys", "webhooks", "customers"))
        here.machine.hold_lock(table, here.dice.uniform(2.0, 4.0))
        times += 1
    return Done(times, f"a table locked {times} times for 2 to 4 s")


def answer_badly(here: Ground) -> Done:
    """429 with no word of when, answers after our patience, and answers nobody can read."""
    told = 0
    while here.pause(0.1, 0.5):
        service, path = here.dice.choice(
            ((here.city.world.mail, EVENTS), (here.city.world.phones, TEXTS))
        )
        service.fail(here.dice.choice(_bad_answers(path)))
        told += 1
    return Done(told, f"{told} of: 429 without Retry-After, answer after our timeout, not JSON")


def _bad_answers(path: str) -> list[Fault]:
    here = partial(Fault, path=path, method="POST")
    return [
        here(status=429),
        here(status=200, after=True, delay_seconds=OUR_PATIENCE + 1.0),
        here(status=201, after=True, body="<html>It works!"),
    ]


def be_down_for_an_hour(here: Ground) -> Done:
    """An hour of the city's clock in which both providers say 503 to whatever is asked, Klaviyo
    half of the time after taking what it was given."""
    over_at, told = clock.now() + timedelta(hours=1), 0
    while clock.now() < over_at:
        for service in (here.city.world.mail, here.city.world.phones):
            while len(service.faults) < AT_ONCE:
                took = service is here.city.world.mail and here.dice.random() < 0.5
                service.fail(Fault(status=503, after=took))
        here.pause(0.2, 0.2)
        told += 1
    return Done(told, "Klaviyo and Twilio answer 503 for an hour; Klaviyo takes half of it")


def refuse_our_keys(here: Ground) -> Done:
    """In the middle of a batch the accounts are refused; the merchant enters new keys."""
    refused = 0
    while here.pause(1.0, 3.0):
        here.city.world.mail.fail(Fault(path=EVENTS, method="POST", status=401))
        here.city.world.phones.fail(Fault(path=TEXTS, method="POST", status=401))
        here.pause(0.5, 1.0)
        refused += 1
    for service in (here.city.world.mail, here.city.world.phones):
        service.faults.clear()
    for store_id, secret in here.city.keys:
        save_channel(here.machine.config, store_id, secret)
    return Done(refused, f"401 from both providers {refused} times, then new keys")


def take_bulks_in_part(here: Ground) -> Done:
    """Opt-outs go to the providers' bulk calls. Twilio's says 201 and refuses what is in it."""
    mail, phones, told = here.city.world.mail, here.city.world.phones, 0
    while here.pause(0.1, 0.6):
        if len(phones.books.consent_errors) < 3:
            phones.open_consent_list(errors=[here.dice.choice((0, 20001)), 20001])
            mail.fail(Fault(path="/api/profile-suppression", method="POST", status=429))
            told += 2
    here.live_until(here.over)
    return Done(told, f"{told} bulk calls of opt-outs refused whole or inside their answer")


def throttle_us(here: Ground) -> Done:
    times = 0
    while here.pause(0.1, 0.4):
        shopify, woo = here.city.world.shopify, here.city.world.woo
        for shop in shopify.shops.values():
            shopify.throttle(shop, times=here.dice.randrange(1, 6), wait=0.2)
        woo.fail(Fault(path="/wp-json/wc/v3/orders", method="GET", status=429), times=2)
        times += 1
    return Done(times, f"the shops' limits reached {times} times")


def clocks_differ(here: Ground) -> Done:
    for name, off in zip(WORKERS, (OFF, -OFF), strict=True):
        here.machine.set_clock(name, here.city.clock(off))
    while here.pause(0.5, 0.5):
        pass
    for name in WORKERS:
        here.machine.set_clock(name, None)
    return Done(2, "one worker's clock five minutes ahead, the other's five behind")


def stand_still(here: Ground) -> Done:
    times = 0
    while here.pause(1.0, 2.5):
        here.machine.freeze(here.dice.uniform(1.0, 12.0))
        times += 1
    return Done(times, f"SIGSTOP of web, workers and ticker {times} times for 1 to 12 s")


HARDER: dict[str, Deed] = {
    "killed at named points, all at once": kill_at_points,
    "PostgreSQL crashed": crash_postgres,
    "out of connections": run_out_of_connections,
    "tables locked": lock_tables,
    "providers answer badly": answer_badly,
    "an hour's outage": be_down_for_an_hour,
    "bulk calls taken in part": take_bulks_in_part,
    "keys refused": refuse_our_keys,
    "the shops' rate limits": throttle_us,
    "workers' clocks differ": clocks_differ,
    "the machine stands still": stand_still,
}
