"""A difference that was measured, and what it may be.

`low` and `high` hold the truth in 95 of 100 repetitions of the experiment.
"""

from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
Z = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference, treated less held out."""

    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether nothing at all is not among what it may be."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Clearer:
    """The difference, and the share of the variance that an earlier figure took off."""

    interval: Interval
    removed: float
