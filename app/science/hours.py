"""The hour at which a person is most likely to answer, of those that are allowed.

A person's own hours say little (a few clicks), so they only lean the store's: as much as twenty of
the store's own answers stand behind them from the start. Opens are no answers. One send in ten goes
at a random hour, so that what the choice of the hour brings can be measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.science.arrays import Floats

HOURS = 24
_STORES_WEIGHT = 20.0
_RANDOM = 0.1
_BESIDE = (0.25, 0.5, 0.25)


@dataclass(frozen=True, slots=True)
class Choice:
    """An hour of the day, and whether it was left to chance."""

    hour: int
    at_random: bool


def likely(store: Sequence[int], own: Sequence[int]) -> Floats:
    """How much of a person's answers each of the 24 hours of their day has, from how many answers
    the store and they themselves have given in each. Sums to 1; even when nobody has answered."""
    everybodys = _spread(np.asarray(store, np.float64) + 1 / HOURS)
    theirs = np.asarray(own, np.float64)
    return np.asarray((theirs + _STORES_WEIGHT * everybodys) / (theirs.sum() + _STORES_WEIGHT))


def choose(chances: Floats, allowed: Sequence[int], draw: float) -> Choice:
    """The likeliest hour of those `allowed`, the first of equals; for one `draw` in ten, which is
    in [0, 1) and the person's own for this message, any of them. Raises ValueError for none."""
    if not allowed:
        raise ValueError("no hour is allowed")
    if draw < _RANDOM:
        return Choice(allowed[int(draw / _RANDOM * len(allowed))], at_random=True)
    return Choice(max(allowed, key=lambda hour: float(chances[hour])), at_random=False)


def _spread(counts: Floats) -> Floats:
    """Shares of the hours, each with a quarter from the hours beside it: nobody answers by the
    stroke of the clock."""
    around = np.array([np.roll(counts, -1), counts, np.roll(counts, 1)])
    spread = np.array(_BESIDE) @ around
    return np.asarray(spread / spread.sum())
