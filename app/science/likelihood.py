"""The likelihood of purchase histories under BG/NBD and MBG/NBD, with its gradient.

A customer with x repeats has had n chances to stop (n = x in BG/NBD, x + 1 in MBG/NBD) and bought
on. Since the last purchase they are alive and silent, or they stopped right after it:

    G(r+x) / G(r) * alpha^r * B(a, b+n) / B(a, b)
        * [ (alpha+T)^-(r+x)  +  a / (b+n-1) * (alpha+t_x)^-(r+x) ]

with the gamma function G and the beta function B; the second way is there for n > 0 only.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, gammaln, psi

from app.science.arrays import Floats, Ints
from app.science.histories import Histories


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """For each history: `silent`, the logarithm of having been alive and silent since the last
    purchase; `odds`, that of having stopped against it, as a logarithm; and the logarithms of
    alpha + T and alpha + t_x."""

    silent: Floats
    odds: Floats
    age: Floats
    last: Floats


def ways(known: Histories, chances: Ints, parameters: Floats) -> Ways:
    """`parameters`: r, alpha, a, b. Days are few, so each logarithm is taken once and looked up."""
    r, alpha, a, b = parameters
    logs = np.log(alpha + np.arange(int(known.age.max(initial=0)) + 1))
    age, last = logs[known.age], logs[known.last]
    exponent = r + known.repeats
    once = np.where(chances > 0, np.log(a) - np.log(b + np.maximum(chances, 1) - 1), -np.inf)
    return Ways(-exponent * age, once + exponent * (age - last), age, last)


class Likelihood:
    """Of the same histories under many parameters. `chances` are n - x: 0 or 1."""

    def __init__(self, known: Histories, chances: int) -> None:
        self._known = known
        self._chances = known.repeats + chances
        self._weight = known.count / known.people
        self._repeats, place = np.unique(known.repeats, return_inverse=True)
        self._survived = self._repeats + chances
        self._share = np.bincount(place, self._weight)

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """The mean logarithm over customers, with its gradient in those of r, alpha, a and b."""
        parameters = np.exp(logs)
        found = ways(self._known, self._chances, parameters)
        since = float(self._weight @ (found.silent + np.logaddexp(0.0, found.odds)))
        slope = self._slope_of_buying(parameters) + self._slope_since(parameters, found)
        return self._buying(parameters) + since, parameters * slope

    def _buying(self, parameters: Floats) -> float:
        """The part that depends on the number of repeats alone."""
        r, alpha, a, b = parameters
        each = gammaln(r + self._repeats) - gammaln(r) + r * np.log(alpha)
        each += betaln(a, b + self._survived) - betaln(a, b)
        return float(self._share @ each)

    def _slope_of_buying(self, parameters: Floats) -> Floats:
        r, alpha, a, b = parameters
        lost = psi(a + b) - psi(a + b + self._survived)
        each = (
            psi(r + self._repeats) - psi(r) + np.log(alpha),
            np.full_like(lost, r / alpha),
            lost,
            lost + psi(b + self._survived) - psi(b),
        )
        return np.array([float(self._share @ one) for one in each])

    def _slope_since(self, parameters: Floats, found: Ways) -> Floats:
        r, _, a, b = parameters
        stopped = expit(found.odds)
        weighed = self._weight * stopped
        rest = self._weight - weighed
        pace = r + self._known.repeats
        return np.array(
            [
                -(rest @ found.age + weighed @ found.last),
                -(rest @ (pace * np.exp(-found.age)) + weighed @ (pace * np.exp(-found.last))),
                weighed.sum() / a,
                -(weighed @ (1.0 / np.maximum(b + self._chances - 1, 1e-12))),
            ]
        )
