"""How often customers buy and when they stop: BG/NBD and MBG/NBD, by maximum likelihood.

While alive a customer buys at a rate of their own, gamma distributed over customers; after each
purchase they may stop, with a chance of their own, beta distributed. In MBG/NBD they may stop after
the first purchase as well, in BG/NBD only after a repeated one. Sources: Fader, Hardie and Lee
2005, "Counting Your Customers the Easy Way"; Batislam, Denizel and Filiztekin 2007.
"""

from dataclasses import dataclass

import numpy as np

from app.science.arrays import Floats
from app.science.histories import Histories
from app.science.likelihood import Likelihood
from app.science.peak import NotFitted, find_peak

_START = (0.5, 60.0, 0.7, 2.0)


@dataclass(frozen=True, slots=True)
class Buying:
    """The parameters. Purchases per day while alive are gamma(`r`, rate `alpha` days); the chance
    to stop after a purchase is beta(`a`, `b`). `from_the_first`: MBG/NBD, else BG/NBD."""

    r: float
    alpha: float
    a: float
    b: float
    from_the_first: bool = True

    def parameters(self) -> Floats:
        return np.array([self.r, self.alpha, self.a, self.b])


@dataclass(frozen=True, slots=True)
class Prior:
    """What other stores make likely: normal in the logarithms of r, alpha, a and b."""

    mean: tuple[float, float, float, float]
    spread: tuple[float, float, float, float]

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """The logarithm, but for a constant, and its gradient."""
        away = (logs - np.array(self.mean)) / np.array(self.spread)
        return float(-0.5 * away @ away), -away / np.array(self.spread)


@dataclass(frozen=True, slots=True)
class Fit:
    """`log_likelihood` is of the histories alone, without the prior, with times in days."""

    model: Buying
    log_likelihood: float
    people: int


def fit(known: Histories, *, from_the_first: bool = True, prior: Prior | None = None) -> Fit:
    """The most likely parameters. Cost grows with different histories, not with customers.

    Raises NotFitted for no customers at all, or where the search ends without a peak.
    """
    if not known.people:
        raise NotFitted("nobody has bought yet")
    likelihood = Likelihood(known, int(from_the_first))

    def likely(logs: Floats) -> tuple[float, Floats]:
        value, slope = likelihood(logs)
        if prior is None:
            return value, slope
        more, more_slope = prior(logs)
        return value + more / known.people, slope + more_slope / known.people

    logs = find_peak(likely, np.log(_START) if prior is None else np.array(prior.mean))
    r, alpha, a, b = map(float, np.exp(logs))
    model = Buying(r, alpha, a, b, from_the_first)
    return Fit(model, likelihood(logs)[0] * known.people, known.people)
