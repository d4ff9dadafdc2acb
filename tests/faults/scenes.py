"""The scenes of the storm: what is done to the system while people shop. Each works for a number of
seconds at moments the dice choose, and says what it did."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from app import jobs
from app.sandbox.server import Fault
from tests.faults.city import City
from tests.faults.machine import WORKERS, Machine
from tests.faults.post import Mode
from tests.faults.shoppers import Shopper

EVENTS, TEXTS = "/api/events", "/2010-04-01/"


@dataclass
class Ground:
    """What a fault can reach."""

    city: City
    machine: Machine
    dice: Random
    people: list[Shopper] = field(default_factory=list)
    until: float = 0.0
    over: float = 0.0
    """When everybody has done what they came for."""

    def pause(self, least: float, most: float) -> bool:
        """Wait a moment; False when the scene is over."""
        time.sleep(self.dice.uniform(least, most))
        return time.monotonic() < self.until

    def live_until(self, moment: float) -> None:
        """Nothing is done until this moment of the machine; people shop and the app works."""
        time.sleep(max(0.0, moment - time.monotonic()))

    def pass_time(self, much: timedelta) -> None:
        """Suddenly it is so much later for everybody, with nothing on its way meanwhile."""
        mode, self.city.post.mode = self.city.post.mode, Mode.HOLDS
        with self.machine.stopped():
            self.city.pass_time(much)
            self.machine.clock = self.city.clock()
        self.city.post.mode = mode

    def look_after_shops(self) -> None:
        """The hourly look. The ticker counts the machine's hours, and the city's are a minute."""
        for store_id in self.city.fronts:
            jobs.nudge("watch", store_id)


@dataclass(frozen=True)
class Done:
    """How often the fault struck, and in words."""

    hits: int
    what: str


Deed = Callable[[Ground], Done]


def nothing(here: Ground) -> Done:
    """For comparison: the same people, no fault."""
    return Done(0, "nothing")


def kill_workers(here: Ground) -> Done:
    killed = 0
    while here.pause(0.3, 1.8):
        names = here.dice.choice([WORKERS[:1], WORKERS[1:], WORKERS])
        here.machine.kill(*names)
        killed += len(names)
    return Done(killed, f"kill -9 of {killed} workers")


def kill_workers_in_calls(here: Ground) -> Done:
    """The provider has taken the message, and nobody lives to hear it."""
    killed = 0
    while here.pause(0.2, 1.0) and _kill_in_call(here):
        killed += 1
    return Done(
        killed, f"kill -9 of both workers {killed} times, each inside a call that was taken"
    )


def _kill_in_call(here: Ground) -> bool:
    """False when nobody called before the scene was over."""
    providers = (here.city.world.mail, EVENTS), (here.city.world.phones, TEXTS)
    for service, path in providers:
        service.fail(Fault(path=path, method="POST", status=500, after=True, delay_seconds=1.5))
    while all(service.faults for service, _ in providers):
        if not here.pause(0.05, 0.05):
            break
    met = [service for service, _ in providers if not service.faults]
    for service, _ in providers:
        service.faults.clear()
    if not met:
        return False
    here.pause(0.2, 0.2)  # The call is being handled; its answer is still held back.
    here.machine.kill(*WORKERS)
    return True


def kill_web(here: Ground) -> Done:
    killed = 0
    while here.pause(0.5, 2.0):
        here.machine.kill("web", down=here.dice.uniform(0.1, 1.0))
        here.machine.wait_for_web()
        killed += 1
    return Done(killed, f"kill -9 of web {killed} times")


def kill_workers_and_web(here: Ground) -> Done:
    """The workers inside a call, the web inside intake, in turn."""
    killed = 0
    while here.pause(0.1, 0.3) and _kill_in_call(here):
        here.machine.kill("web")
        here.machine.wait_for_web()
        killed += 1
    return Done(killed, f"kill -9 of both workers inside a call and of web, {killed} times each")


def kill_ticker(here: Ground) -> Done:
    killed = 0
    while here.pause(0.5, 2.5):
        here.machine.kill("ticker", down=here.dice.uniform(0.1, 2.0))
        killed += 1
    return Done(killed, f"kill -9 of the ticker {killed} times")


def flush_valkey(here: Ground) -> Done:
    flushed = 0
    while here.pause(0.1, 0.8):
        here.machine.flush_valkey()
        flushed += 1
    return Done(flushed, f"FLUSHALL {flushed} times")


def stop_valkey(here: Ground) -> Done:
    here.pause(0.5, 1.5)
    down = here.dice.uniform(3.0, 5.0)
    here.machine.stop_valkey(down)
    return Done(1, f"Valkey stopped for {down:.0f} s, started empty")


def cut_postgres(here: Ground) -> Done:
    cuts, ended = 0, 0
    while here.pause(0.2, 1.2):
        ended += here.machine.cut_postgres()
        cuts += 1
    return Done(cuts, f"all connections cut {cuts} times ({ended} ended)")


def trouble_klaviyo(here: Ground) -> Done:
    mail, told = here.city.world.mail, 0
    troubles = [
        Fault(path=EVENTS, method="POST", status=500),
        Fault(path=EVENTS, method="POST", status=503, after=True),
        Fault(path=EVENTS, method="POST", after=True, hang_up=True),
        Fault(path=EVENTS, method="POST", hang_up=True),
    ]
    while here.pause(0.05, 0.4):
        if here.dice.random() < 0.3:
            mail.limit(EVENTS, retry_after=here.dice.choice((1, 30)), method="POST")
        else:
            mail.fail(here.dice.choice(troubles))
        told += 1
    return Done(told, f"{told} of: 429, 500, 503 after it was taken, reply lost before and after")


def trouble_twilio(here: Ground) -> Done:
    phones, told = here.city.world.phones, 0
    while here.pause(0.05, 0.4):
        phones.fail(
            Fault(
                path=TEXTS, method="POST", status=500, after=True, hang_up=here.dice.random() < 0.6
            )
        )
        told += 1
    return Done(told, f"{told} replies lost or turned into 500, after the text was taken")


def triple_and_reverse(here: Ground) -> Done:
    """Held back for a moment; then everything three times, the last first."""
    parcels, going_on = 0, True
    while going_on:
        here.city.post.mode = Mode.HOLDS
        going_on = here.pause(1.0, 2.0)
        parcels += here.city.post.triple_and_reverse()
        here.city.post.mode = Mode.DELIVERS
        while going_on and not here.city.post.quiet():
            going_on = here.pause(0.1, 0.1)
    return Done(
        parcels,
        f"{parcels} deliveries, the last first; Shopify's three times (WooCommerce repeats none)",
    )


def everything(here: Ground) -> Done:
    done = 0
    deeds = (_worker, _web, _ticker, _flush, _cut, _mail, _text)
    while here.pause(0.1, 0.9):
        here.dice.choice(deeds)(here)
        done += 1
    return Done(done, f"{done} of the above, mixed")


def _worker(here: Ground) -> None:
    here.machine.kill(here.dice.choice(WORKERS))


def _web(here: Ground) -> None:
    here.machine.kill("web")


def _ticker(here: Ground) -> None:
    here.machine.kill("ticker")


def _flush(here: Ground) -> None:
    here.machine.flush_valkey()


def _cut(here: Ground) -> None:
    here.machine.cut_postgres()


def _mail(here: Ground) -> None:
    here.city.world.mail.fail(Fault(path=EVENTS, method="POST", after=True, hang_up=True), 3)


def _text(here: Ground) -> None:
    here.city.world.phones.fail(Fault(path=TEXTS, method="POST", after=True, hang_up=True), 3)


SCENES: dict[str, Deed] = {
    "none, for comparison": nothing,
    "workers killed": kill_workers,
    "workers killed in calls": kill_workers_in_calls,
    "web killed": kill_web,
    "ticker killed": kill_ticker,
    "Valkey flushed": flush_valkey,
    "Valkey stopped": stop_valkey,
    "PostgreSQL connections cut": cut_postgres,
    "Klaviyo in trouble": trouble_klaviyo,
    "Twilio's replies lost": trouble_twilio,
    "webhooks three times, reversed": triple_and_reverse,
    "everything at once": everything,
}
SHORT: dict[str, Deed] = {"workers and web killed": kill_workers_and_web}
