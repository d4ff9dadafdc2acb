"""Whether a segment grows: its size against that of a week before. Pure."""

from enum import StrEnum

SHARE = 0.05
PEOPLE = 3
"""A change must be as large as both to be more than noise."""


class Trend(StrEnum):
    """NEW: nothing was counted a week before."""

    UP = "up"
    LEVEL = "level"
    DOWN = "down"
    NEW = "new"


def trend_of(people: int, before: int | None) -> Trend:
    """From the size a week before, None when there is none, to today's."""
    if before is None:
        return Trend.NEW
    change = people - before
    if abs(change) < max(PEOPLE, before * SHARE):
        return Trend.LEVEL
    return Trend.UP if change > 0 else Trend.DOWN
