"""What to look after next month: the two RFM groups with the most money at risk. Pure.

Only RFM groups, because everybody is in one of them at most: the same money is not told twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.segments.health import Health
from app.segments.presets import PRESETS

PRIORITIES = 2
GROUPS = tuple(slug for slug, preset in PRESETS.items() if "customer.rfm_group" in preset.written)


@dataclass(frozen=True, slots=True)
class Stake:
    """People at risk in a segment, times the mean of what its people have spent."""

    slug: str
    at_risk: int
    mean_spent_minor: int

    @property
    def minor(self) -> int:
        return self.at_risk * self.mean_spent_minor


def stakes(found: Iterable[Health]) -> list[Stake]:
    """Of the segments that have been counted."""
    return [
        Stake(one.segment.slug, one.today.at_risk, one.today.mean_spent_minor or 0)
        for one in found
        if one.today is not None
    ]


def focus(known: Iterable[Stake]) -> list[Stake]:
    """The first is priority 1. Nothing where nothing is at risk."""
    mine = [stake for stake in known if stake.slug in GROUPS and stake.minor > 0]
    return sorted(mine, key=lambda stake: (-stake.minor, stake.slug))[:PRIORITIES]
