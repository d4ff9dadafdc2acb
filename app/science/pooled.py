"""One figure from several stores or months, each with its own true effect: random effects.

DerSimonian and Laird 1986: each is weighed by how exactly it is known and by how far they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from app.science.intervals import Interval, Z


@dataclass(frozen=True, slots=True)
class Pooled:
    """`differ`: the share of what they differ by that chance does not explain (I squared)."""

    interval: Interval
    differ: float


def pool(found: Sequence[Interval]) -> Pooled:
    """Raises ValueError for none, or for one that is told without an error."""
    effect = np.array([one.difference for one in found])
    error = np.array([(one.high - one.low) / (2 * Z) for one in found])
    if not len(effect) or np.any(error <= 0):
        raise ValueError("there is no figure with an interval to pool")
    exact = 1 / error**2
    fixed = float(exact @ effect / exact.sum())
    spread, freedom = float(exact @ (effect - fixed) ** 2), len(effect) - 1
    scale = float(exact.sum() - (exact**2).sum() / exact.sum())
    between = max(0.0, (spread - freedom) / scale) if freedom else 0.0
    weight = 1 / (error**2 + between)
    mean, half = float(weight @ effect / weight.sum()), Z / sqrt(float(weight.sum()))
    differ = max(0.0, 1 - freedom / spread) if spread > 0 else 0.0
    return Pooled(Interval(mean, mean - half, mean + half), differ)
