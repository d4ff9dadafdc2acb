"""The demo one can watch: the real processes, a clock that runs fast, and a town that lives."""

import threading
import time
from random import Random

import httpx
import structlog

from app import clock
from app.commands.demo_ground import START, environment, fresh_folder
from app.commands.demo_world import World
from app.commands.ready import console
from app.config import Config
from app.factory import connect_process
from app.launch import machine, run_processes
from app.ports import free_port
from app.web.signin import sign_in_link

BEAT_SECONDS = 0.5
_log = structlog.get_logger(__name__)


def run_live(world: World, people: int, speed: int, dice: Random) -> int:
    """Run until Ctrl-C; returns the exit code of the processes."""
    spec = f"{START.isoformat()}@{time.time()}x{speed}"
    clock.use(clock.accelerated(spec))
    world.start()
    try:
        with fresh_folder("demo") as folder:
            fast = {"CLOCK": spec, "RHYTHM_SECONDS": "1", "POLL_SECONDS": "5"}
            with machine(environment(world, folder, free_port()) | fast) as prepared:
                connect_process(prepared.config)
                life = threading.Thread(
                    target=_live, args=(world, prepared.config, people, dice), daemon=True
                )
                life.start()
                return run_processes(prepared)
    finally:
        world.stop()


def _live(world: World, config: Config, people: int, dice: Random) -> None:
    _wait_for(config.public_url)
    world.populate(config, people, dice)
    _invite(world, config)
    while True:
        try:
            for crowd in world.crowds:
                crowd.live(clock.now())
            world.pump()
        except httpx.HTTPError as error:
            # Somebody stopped the web process to see what happens; the shops will try again.
            _log.warning("demo_shopper_met_an_error", error=type(error).__name__)
        threading.Event().wait(BEAT_SECONDS)


def _wait_for(public_url: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{public_url}/healthz", timeout=2.0).raise_for_status()
        except httpx.HTTPError:
            threading.Event().wait(0.1)
        else:
            return


def _invite(world: World, config: Config) -> None:
    console.print("\n[bold]Comeback is running.[/] Two shops are open and people shop there.\n")
    for store_id, front in world.fronts.items():
        console.print(f"  {front.name}, as its owner sees it:")
        console.print(f"    {sign_in_link(config, store_id)}", soft_wrap=True)
    console.print(f"  What the shoppers get:\n    {world.mailbox.url}/\n")
    console.print("  Stop with Ctrl-C.\n")
