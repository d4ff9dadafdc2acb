"""The hour of a message to one person: the likeliest of those allowed, or one in ten times any.

Pure and stable: the same person, step and facts give the same hour, on every machine.
"""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from app.customers.snapshot import Snapshot
from app.flows.chance import point
from app.flows.definition import WaitBest
from app.flows.effects import JourneyView, Situation
from app.reasons import Reason
from app.science.hours import HOURS, choose, likely

HOUR = "hour"
"""Where a journey, and then its message, remembers what was chosen, and by what."""
_PARTS = 10_000


def choose_hour(
    node: WaitBest, journey: JourneyView, person: Snapshot, situation: Situation
) -> dict[str, Any]:
    """`hour` of the person's day, and `by` which reason, for `step`."""
    chances = likely(situation.answers or (0,) * HOURS, own_answers(person, situation.timezone))
    drawn = point("best_time", journey.flow_id, node.id, journey.customer_id) / _PARTS
    chosen = choose(chances, node.hours, drawn)
    by = Reason.RANDOM_HOUR if chosen.at_random else Reason.BEST_HOUR
    return {"step": node.id, "hour": chosen.hour, "by": str(by)}


def own_answers(person: Snapshot, timezone: str) -> list[int]:
    """How many of their orders and clicks each hour of their day has had. Opens prove nothing."""
    moments = [order.placed_at for order in person.orders]
    moments += person.events.get("link_clicked", ())
    zone = ZoneInfo(timezone)
    found = Counter(moment.astimezone(zone).hour for moment in moments)
    return [found[hour] for hour in range(HOURS)]
