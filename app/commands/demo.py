"""`comeback demo`: a working system in a minute, with two shops and people who shop there."""

from random import Random

import click

from app.commands.demo_live import run_live
from app.commands.demo_once import play
from app.commands.demo_world import World

_SOME = click.IntRange(min=1)


@click.command(short_help="Two shops and simulated shoppers; no account and no key needed.")
@click.option("--once", is_flag=True, help="Play the days without a terminal and print a table.")
@click.option("--days", type=_SOME, default=90, show_default=True, help="Days that --once plays.")
@click.option("--people", type=_SOME, help="Shoppers of each shop: 40, or 15 with --once.")
@click.option("--seed", default=7, show_default=True, help="The same seed brings the same visits.")
@click.option(
    "--speed", type=_SOME, default=1200, show_default=True, help="Simulated seconds in a second."
)
def demo(once: bool, days: int, people: int | None, seed: int, speed: int) -> None:
    """Two shops, simulated shoppers, real databases, real HTTP; no account and no key needed."""
    dice = Random(seed)  # noqa: S311 - dice of a game, not of a lock.
    world = World()
    if once:
        raise SystemExit(play(world, days, people or 15, dice))
    raise SystemExit(run_live(world, people or 40, speed, dice))
