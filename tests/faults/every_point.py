"""The scene in which a real process dies at every named point, one at a time, each in the life of
somebody whom it must not cost a message, an order or a code, nor bring one twice."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from app import logs
from app.points import Point
from tests.ear import addresses_in
from tests.faults.errands import life_past
from tests.faults.lives import WINTER, Life, Tally, begin_a_new_day, shop_on
from tests.faults.mortal import mortal_stage
from tests.faults.outcome import Outcome
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.waiting import until

SCENE = "killed at every named point"
SETTLED = {"applied", "ignored"}
PATIENCE = 5.0
"""Seconds in which the ticker comes by its own point, whatever the clock of the lives says."""


def play(rounds: int = 1, chosen: Sequence[Point] = tuple(Point)) -> Outcome:
    """One life for each point, so many times over."""
    logs.configure("ERROR")
    outcome, tally = Outcome(SCENE), Tally()
    began = time.monotonic()
    with mortal_stage(WINTER) as (stage, book):
        shop = shop_on(stage)
        for number, point in enumerate([*chosen] * rounds, start=1):
            if problem := _dies_at(point, Life(shop, number, tally)):
                outcome.details.append(f"{point.name}: {problem}")
        _count(outcome, tally, shop)
        outcome.overheard = len(addresses_in(stage.running.said()))
        outcome.done = _told(book.struck())
        outcome.hits = len(book.struck())
        outcome.failed = bool(outcome.details)
    outcome.settled_in = time.monotonic() - began
    return outcome


def _dies_at(point: Point, life: Life) -> str | None:
    """What went wrong, if anything."""
    machine = life.stage.running  # type: ignore[attr-defined]
    begin_a_new_day(life.stage.clock)
    machine.arm([point])
    try:
        life_past(point)(life)
    except AssertionError as wrong:
        return f"{wrong}" or "its life went wrong"
    with suppress(TimeoutError):
        until(lambda: not machine.armed(), PATIENCE)
    return "nobody came by" if machine.armed() else None


def _count(outcome: Outcome, tally: Tally, shop: ShopifyStoryShop) -> None:
    outcome.due, outcome.lost = tally.due, tally.lost
    outcome.duplicated, outcome.after_purchase = tally.duplicated, tally.after_purchase
    kept = shop.webhooks()
    outcome.accepted = sum(kept.values())
    office = shop.world.office
    unsettled = sum(number for status, number in kept.items() if status not in SETTLED)
    outcome.webhooks_unsettled = unsettled + len(office.waiting) + len(office.given_up)


def _told(struck: Sequence[tuple[str, Point]]) -> str:
    times = Counter(point for _, point in struck)
    who = Counter(name for name, _ in struck)
    missed = [point.name for point in Point if point not in times]
    processes = ", ".join(f"{name} {number}" for name, number in sorted(who.items()))
    return (
        f"kill -9 at {len(times)} of {len(Point)} named points ({processes}), one life each;"
        f" nobody came by: {', '.join(missed) or 'none'}"
    )
