"""The scene of the nights: real processes live through clock changes in both directions in four
zones, and through a leap day."""

import time
from collections.abc import Sequence

from app import logs
from tests.ear import addresses_in
from tests.faults.lives import WINTER
from tests.faults.mortal import mortal_stage
from tests.faults.nights import NIGHTS, Count, Night, live_through, shop_in, travel
from tests.faults.outcome import Outcome

SCENE = "clocks changed, and a leap day"


def play(nights: Sequence[Night] = NIGHTS) -> Outcome:
    """Every night in turn, each in the shop of its zone."""
    logs.configure("ERROR")
    outcome, count, began = Outcome(SCENE), Count(), time.monotonic()
    with mortal_stage(WINTER) as (stage, _):
        shops = {zone: shop_in(stage, zone) for zone in dict.fromkeys(n.zone for n in nights)}
        for night in nights:
            before = count.wrong
            travel(night.begins_at, shops.values())
            live_through(night, shops[night.zone], count)
            if count.wrong != before:
                outcome.details.append(f"{night}: {count}")
        for shop in shops.values():
            outcome.accepted += sum(shop.webhooks().values())
        outcome.overheard = len(addresses_in(stage.running.said()))
    outcome.hits, outcome.due = len(nights), count.due
    outcome.lost, outcome.duplicated = count.lost, count.duplicated
    outcome.expired, outcome.failed = count.late, bool(count.in_quiet_hours)
    zones = ", ".join(sorted(shops))
    outcome.done = (
        f"{len(nights)} nights in {zones}, by the shop's own clock, which was changed, or in a leap"
        f" day; {count.in_quiet_hours} sent in quiet hours"
    )
    outcome.settled_in = time.monotonic() - began
    return outcome
