"""Ways to say who will buy, from the plain rules to the blend, all learnt and asked alike.

The blend is MBG/NBD corrected by what the store's own customers did: a logistic regression on the
model's log-odds, its expected purchases and plain behaviour, averaged with the model in log-odds.
The regression ranks better, the model keeps it from being too sure. The seasonal blend is set right
by how far the blend was off in the same season a year before.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from scipy.special import expit

from app.science import forecast
from app.science.arrays import Flags, Floats
from app.science.buying import Buying
from app.science.judging import require_both
from app.science.logistic import Logistic, learn, log_odds
from app.science.purchases import Buyers
from app.science.rfm import Bounds, grades

_FARTHEST = 20.0


class Contender(StrEnum):
    RECENCY = "recency"
    RFM = "rfm"
    MODEL = "model"
    BLEND = "blend"
    SEASONAL = "seasonal"


RULES = (Contender.RECENCY, Contender.RFM)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What was known at the end of a day: the buyers, a model fitted to them unless the rules alone
    are asked, and, where the time since is known, who bought in the days that followed."""

    known: Buyers
    model: Buying | None = None
    bought: Flags | None = None


@dataclass(frozen=True, slots=True)
class Forecaster:
    """One way, with all it has learnt. Looks `days` ahead."""

    name: Contender
    days: int
    learnt: Logistic | None = None
    shift: float = 0.0
    bounds: Bounds = field(default_factory=Bounds)

    def __call__(self, look: Look) -> Floats:
        """The probability that each buyer buys again within `days`."""
        if self.name is Contender.MODEL:
            return _modelled(look, self.days)
        assert self.learnt is not None
        learnt = self.learnt(_features(self.name, look, self))
        if self.name in RULES:
            return np.asarray(expit(learnt))
        told = log_odds(_modelled(look, self.days))
        return np.asarray(expit((told + learnt) / 2 + self.shift))


def learn_from(look: Look, days: int, bounds: Bounds | None = None) -> dict[Contender, Forecaster]:
    """Every way but the seasonal one, or without a model the rules, from a day since which it is
    known who bought.

    Raises AllAlike when nobody or everybody bought.
    """
    assert look.bought is not None
    found = {}
    for name in RULES if look.model is None else (*RULES, Contender.MODEL, Contender.BLEND):
        way = Forecaster(name, days, bounds=bounds or Bounds())
        if name is not Contender.MODEL:
            way = replace(way, learnt=learn(_features(name, look, way), look.bought))
        found[name] = way
    return found


def in_season(blend: Forecaster, year_ago: Look) -> Forecaster:
    """`blend`, moved so that it would have told the right share of buyers a year ago. Raises
    AllAlike."""
    from scipy.optimize import brentq  # noqa: PLC0415 - see `science`.

    assert year_ago.bought is not None
    require_both(year_ago.bought)
    rate, told = float(year_ago.bought.mean()), log_odds(blend(year_ago))
    shift = brentq(lambda by: float(expit(told + by).mean()) - rate, -_FARTHEST, _FARTHEST)
    return replace(blend, name=Contender.SEASONAL, shift=float(shift))


def _modelled(look: Look, days: int) -> Floats:
    assert look.model is not None
    return forecast.will_buy(look.model, look.known.histories, days)


def _features(name: Contender, look: Look, way: Forecaster) -> Floats:
    known = look.known
    if name is Contender.RECENCY:
        return np.log1p(known.silent)[:, None]
    if name is Contender.RFM:
        graded = grades(known.silent, known.times, known.spent, way.bounds)
        return graded.total.astype(np.float64)[:, None]
    assert look.model is not None
    histories = known.histories
    columns = [
        log_odds(_modelled(look, way.days)),
        np.log1p(forecast.purchases(look.model, histories, way.days)),
        np.log1p(known.silent),
        np.log(known.times),
        np.log1p(histories.age),
        np.log1p(histories.last / np.maximum(histories.repeats, 1)),
    ]
    return np.column_stack(columns)
