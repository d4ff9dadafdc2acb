"""Which way to say who will buy is the best one for a store, by its own history.

The last `days` are held back: what each way learns is from before them, and it is judged by them.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from app.science.buying import fit
from app.science.forecaster import RULES, Contender, Forecaster, Look, in_season, learn_from
from app.science.histories import grouped
from app.science.judging import AllAlike, Judgement, judge
from app.science.peak import NotFitted
from app.science.purchases import Purchases, buyers
from app.science.rfm import Bounds

_YEAR = 364
"""Whole weeks, so that a Friday is compared with a Friday."""
_LEVEL = 0.002
"""AUC within so little of each other rank alike, and the smaller error decides."""


@dataclass(frozen=True, slots=True)
class Contest:
    """How each way did in the days held back, which began after `cut`; the `winner` is used.
    `year_ago`: how the winner would have done in the same days a year before, where that is known.
    """

    days: int
    cut: int
    judged: Mapping[Contender, Judgement]
    winner: Contender
    year_ago: Judgement | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What a contest is held on: a store's purchases up to the end of `day`. `plain`: there is too
    little for a model, and the rules are alone. `small`: too little to teach the blend."""

    bought: Purchases
    day: int
    days: int = 90
    bounds: Bounds | None = None
    plain: bool = False
    small: bool = False

    def look(self, day: int) -> Look:
        """What was known then. Raises NotFitted when that was too little for a model."""
        known = buyers(self.bought.until(day), day)
        bought = None
        if day + self.days <= self.day:
            later = self.bought.since(day).until(day + self.days)
            bought = np.isin(known.customer, later.customer)
        model = None if self.plain else fit(grouped(known.histories)[0]).model
        return Look(known, model, bought)

    def reaches(self, day: int) -> bool:
        """Whether there were purchases for long enough before that day to learn from."""
        return bool(len(self.bought.day)) and int(self.bought.day.min()) + self.days <= day


def hold(ground: Ground) -> Contest:
    """Judge every way by the last `days`.

    Raises NotFitted where a model finds too little, AllAlike where there is nothing to learn.
    """
    cut = ground.day - ground.days
    judged = _judged(ground, cut)
    winner = best(judged)
    return Contest(ground.days, cut, judged, winner, _year_before(ground, cut, winner))


def ways_at(ground: Ground, day: int) -> dict[Contender, Forecaster]:
    """Every way to tell at the end of `day` who buys next, learnt from what was known by then."""
    ways = learn_from(ground.look(day - ground.days), ground.days, ground.bounds)
    if ground.small:
        ways.pop(Contender.BLEND, None)
    if ground.reaches(day - _YEAR) and Contender.BLEND in ways:
        with suppress(AllAlike, NotFitted):  # Then that season says nothing.
            ways[Contender.SEASONAL] = in_season(ways[Contender.BLEND], ground.look(day - _YEAR))
    return ways


def best(judged: Mapping[Contender, Judgement]) -> Contender:
    """The one that ranks best; of those that rank alike the one with the smallest error."""
    highest = max(each.auc for each in judged.values())
    level = {name: each for name, each in judged.items() if each.auc >= highest - _LEVEL}
    return min(level, key=lambda name: (level[name].brier, name not in RULES))


def _judged(ground: Ground, cut: int) -> dict[Contender, Judgement]:
    look = ground.look(cut)
    assert look.bought is not None
    return {name: judge(way(look), look.bought) for name, way in ways_at(ground, cut).items()}


def _year_before(ground: Ground, cut: int, winner: Contender) -> Judgement | None:
    before = cut - _YEAR
    if not ground.reaches(before - ground.days):
        return None
    with suppress(AllAlike, NotFitted):
        return _judged(ground, before).get(winner)
    return None
