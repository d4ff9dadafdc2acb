"""Ninety days without a terminal: the clock jumps from one event to the next, everything else is
real: webhooks over HTTP, PostgreSQL, Valkey, RQ, the providers' own SDKs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from rich.progress import Progress

from app import clock, jobs
from app.commands.demo_ground import START, environment, fresh_folder
from app.commands.demo_report import show, tally
from app.commands.demo_world import World
from app.commands.ready import console
from app.config import Config
from app.factory import connect_process, create_app, create_doors
from app.inbox.sweep import active_stores, nudge_all
from app.launch import machine
from app.serve import in_thread, listen
from workers.main import Burst

STEP = timedelta(hours=1)
RHYTHM = timedelta(hours=2)
POLL = timedelta(hours=6)
ROUNDS = 8
TELL = timedelta(days=10)
"""How often somebody without a terminal, and so without a bar, is told that it goes on."""


def play(world: World, days: int, people: int, dice: Random) -> int:
    """Play and print; 0, or 1 when a law was broken."""
    days_clock = DaysClock(START)
    clock.use(days_clock)
    listening = listen()
    with _started(world), fresh_folder("demo-once") as folder:
        settings = environment(world, folder, listening.getsockname()[1])
        with machine(settings) as prepared:
            connect_process(prepared.config)
            doors = create_doors(create_app(prepared.config), prepared.config)
            with in_thread(doors, listening):
                _live(world, prepared.config, days_clock, (days, people, dice))
                tallies = [tally(world, store_id) for store_id in world.fronts]
    show(console, tallies, days)
    broken = [law for one in tallies for law in one.broken]
    for law in broken[:20]:
        console.print(f"[red]{law}[/]")
    console.print("No law was broken." if not broken else f"{len(broken)} laws were broken.")
    return 1 if broken else 0


class DaysClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment


def _live(world: World, config: Config, now: DaysClock, game: tuple[int, int, Random]) -> None:
    days, people, dice = game
    worker = Burst(config)
    world.populate(config, people, dice)
    end = START + timedelta(days=days)
    due = {"rhythm": START, "receipts": START}
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task(f"{days} days", total=days)
        while now.moment < end:
            now.moment = min(now.moment + STEP, end)
            for crowd in world.crowds:
                crowd.live(now.moment)
            for duty, every in (("rhythm", RHYTHM), ("receipts", POLL)):
                if now.moment >= due[duty]:
                    due[duty] = now.moment + every
                    _nudge_each(duty)
            _settle(world, worker)
            progress.update(bar, completed=(now.moment - START) / timedelta(days=1))
            if not console.is_terminal and (now.moment - START) % TELL == timedelta(0):
                console.print(f"{(now.moment - START).days} of {days} days played")


def _settle(world: World, worker: Burst) -> None:
    """Let the world and the app answer each other until both have said everything.

    Bounded, because what has to wait for the clock (a retry, a rate limit) is due again at once.
    """
    for _ in range(ROUNDS):
        told = world.pump()
        nudge_all()
        if not worker.run() and not told:
            return


def _nudge_each(duty: str) -> None:
    for store_id in active_stores():
        jobs.nudge(duty, store_id)


@contextmanager
def _started(world: World) -> Iterator[None]:
    world.start()
    try:
        yield
    finally:
        world.stop()
