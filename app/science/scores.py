"""What is told of each buyer by what was learnt: whether they buy, how often, and their group.

What was learnt is a few numbers, so that a store may be told of in parts, in any order and on
another day.
"""

from dataclasses import dataclass

import numpy as np

from app.science import forecast
from app.science.arrays import Floats, Ints
from app.science.buying import Buying
from app.science.clusters import Clusters
from app.science.forecaster import Forecaster, Look
from app.science.purchases import Buyers
from app.science.spending import Spending

YEAR = 365
"""How far ahead what a customer is worth is told."""
_PERCENT = 100
_DIGITS = 3
"""No amount is known better than by so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """None for what this store has too little of."""

    way: Forecaster | None = None
    model: Buying | None = None
    spending: Spending | None = None
    clusters: Clusters | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """A place for each buyer. `will_buy`: percent, within the days that the way looks ahead;
    `orders`: expected within them; `worth`: expected within a year. NaN, and for the group 0, is
    what is not told."""

    will_buy: Floats
    orders: Floats
    worth: Floats
    cluster: Ints


def score(learnt: Learnt, known: Buyers) -> Scores:
    """Rounded, so that what is told does not change with every day."""
    nothing = np.full(len(known.customer), np.nan)
    told = orders = worth = nothing
    if learnt.way is not None:
        told = learnt.way(Look(known, learnt.model))
    if learnt.way is not None and learnt.model is not None:
        orders = told * _when_they_buy(learnt.model, known, learnt.way.days)
    if learnt.model is not None and learnt.spending is not None:
        worth = _worth(learnt.model, learnt.spending, known)
    return Scores(
        will_buy=np.round(told * _PERCENT, 1),
        orders=np.round(orders, 2),
        worth=_shortened(worth),
        cluster=learnt.clusters(known) if learnt.clusters else np.zeros(len(nothing), np.int64),
    )


def _when_they_buy(model: Buying, known: Buyers, days: int) -> Floats:
    """How often those buy who do, so that what is told fits to the probability of any way."""
    often = forecast.purchases(model, known.histories, days)
    some = forecast.will_buy(model, known.histories, days)
    return np.maximum(often / np.maximum(some, np.finfo(np.float64).tiny), 1.0)


def _worth(model: Buying, spending: Spending, known: Buyers) -> Floats:
    each = spending.expected(known.times, np.maximum(known.spent, 0) / known.times)
    return forecast.purchases(model, known.histories, YEAR) * each


def _shortened(amounts: Floats) -> Floats:
    unit = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(amounts, 1))) - (_DIGITS - 1), 0)
    return np.asarray(np.round(amounts / unit) * unit)
