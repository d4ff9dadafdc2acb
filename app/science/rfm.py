"""Recency, frequency and money in five grades each, and a name for every one of the 125 codes.

The brief names thirty codes (#25 to #34); the rule gives these their names and fills in the rest
(C1 and C2 of the requirements).
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np

from app.science.arrays import Floats, Ints

GRADES = 5


class Group(StrEnum):
    CHAMPIONS = "champions"
    LOYAL = "loyal"
    POTENTIAL = "potential_loyalists"
    NEW = "new"
    PROMISING = "promising"
    ATTENTION = "need_attention"
    ABOUT_TO_SLEEP = "about_to_sleep"
    AT_RISK = "at_risk"
    HIBERNATING = "hibernating"
    LOST = "lost"


LISTED = frozenset(
    {
        *(555, 554, 545, 445, 454, 544, 534, 443, 434, 511, 512, 521, 413, 414, 431),
        *(333, 332, 323, 233, 232, 223, 244, 234, 143, 122, 123, 132, 111, 112, 121),
    }
)
"""The codes that the brief itself names; the others are filled by the rule."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where each grade begins, both upwards. `recency`: days since the last purchase, of which
    fewer are better. `frequency`: purchases. `money`: what was spent; without it, by the fifths of
    those who are graded."""

    recency: tuple[int, int, int, int] = (7, 30, 60, 91)
    frequency: tuple[int, int, int, int] = (2, 4, 6, 10)
    money: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Grades:
    """From 1 to 5 each."""

    recency: Ints
    frequency: Ints
    money: Ints

    @property
    def total(self) -> Ints:
        return self.recency + self.frequency + self.money


def grades(silent: Ints, times: Ints, spent: Floats, bounds: Bounds | None = None) -> Grades:
    """Of each customer, from days since the last purchase, purchases, and what was spent."""
    bounds = bounds or Bounds()
    money = fifths(spent) if bounds.money is None else np.array(bounds.money)
    return Grades(
        recency=GRADES - np.searchsorted(bounds.recency, silent, side="right"),
        frequency=1 + np.searchsorted(bounds.frequency, times, side="right"),
        money=1 + np.searchsorted(money, spent, side="right"),
    )


def fifths(spent: Floats) -> Floats:
    """The least amount of each grade above the first. Whoever spent the same gets the same grade,
    the highest that one of them would get (C1)."""
    ordered = np.sort(spent)
    return np.asarray(ordered[[grade * len(ordered) // GRADES for grade in range(1, GRADES)]])


def group_of(recency: int, frequency: int, money: int) -> Group:
    """The name of a code. Raises KeyError or StopIteration for grades outside of 1 to 5."""
    if frequency == 1 and recency in _BOUGHT_ONCE:
        return _BOUGHT_ONCE[recency]
    return next(name for least, name in _BY_WORTH[recency] if frequency + money >= least)


_BOUGHT_ONCE = {5: Group.NEW, 4: Group.PROMISING}
_BY_WORTH = {
    5: (
        (9, Group.CHAMPIONS),
        (8, Group.LOYAL),
        (6, Group.POTENTIAL),
        (4, Group.PROMISING),
        (2, Group.NEW),
    ),
    4: ((8, Group.LOYAL), (6, Group.POTENTIAL), (2, Group.PROMISING)),
    3: ((5, Group.ATTENTION), (2, Group.ABOUT_TO_SLEEP)),
    2: ((7, Group.AT_RISK), (5, Group.ABOUT_TO_SLEEP), (2, Group.HIBERNATING)),
    1: ((7, Group.AT_RISK), (4, Group.HIBERNATING), (2, Group.LOST)),
}
"""For each grade of recency the least sum of frequency and money that each name takes."""

GROUPS = tuple(group_of(*code) for code in product(range(1, GRADES + 1), repeat=3))
"""The name of every code, in the order 111, 112 ... 555."""
