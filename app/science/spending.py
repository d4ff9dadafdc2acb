"""What a customer spends at a time: the Gamma-Gamma model, by maximum likelihood.

Each purchase of a customer is gamma(p, rate v), and v is gamma(q, rate gamma) over customers. How
often somebody buys must not go with how much they spend; `correlation` tells. Source: Fader and
Hardie 2013, "The Gamma-Gamma Model of Monetary Value"; the model of Colombo and Jiang 1999.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, psi

from app.science.arrays import Floats, Ints
from app.science.peak import NotFitted, find_peak

_START = (2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Spending:
    """The parameters; `gamma` is an amount of money, in the unit that the amounts had."""

    p: float
    q: float
    gamma: float

    def expected(self, purchases: Ints, mean: Floats) -> Floats:
        """The mean of a customer's purchases to come, who has spent `mean` in each of `purchases`;
        for nobody's purchases what all customers spend."""
        shape = self.p * purchases
        return np.asarray(self.p * (self.gamma + purchases * mean) / (shape + self.q - 1))


@dataclass(frozen=True, slots=True)
class SpendingFit:
    """`people` are those whose purchases it was made from."""

    model: Spending
    log_likelihood: float
    people: int


def fit_spending(purchases: Ints, mean: Floats) -> SpendingFit:
    """The most likely parameters of arrays with a customer in each place. Who has bought nothing,
    or for nothing, tells nothing and is left out. Raises NotFitted."""
    tells = (purchases > 0) & (mean > 0)
    times, amount = purchases[tells].astype(np.float64), mean[tells]
    if not len(times):
        raise NotFitted("nobody has spent anything yet")
    unit = float(amount.mean())
    likelihood = _Likelihood(times, amount / unit)
    logs = find_peak(likelihood, np.log([*_START, 1.0]))
    p, q, gamma = (float(value) for value in np.exp(logs))
    # In the unit given each amount's density is smaller by that unit.
    value = (likelihood(logs)[0] - np.log(unit)) * len(times)
    return SpendingFit(Spending(p, q, gamma * unit), value, len(times))


def correlation(purchases: Ints, mean: Floats) -> float:
    """Pearson's, of those who have spent; near 0 the model may be trusted. NaN for alike ones."""
    tells = (purchases > 0) & (mean > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.corrcoef(purchases[tells], mean[tells])[0, 1])


class _Likelihood:
    """Of the same purchases under many parameters."""

    def __init__(self, times: Floats, amount: Floats) -> None:
        self._times, self._spent = times, times * amount
        self._kinds, place = np.unique(times, return_inverse=True)
        self._share = np.bincount(place) / len(times)
        self._log_amount = float(np.log(amount).mean())
        self._log_spent = float((times * np.log(self._spent)).mean())

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        p, q, gamma = parameters = np.exp(logs)
        kinds, share, total = p * self._kinds, self._share, gamma + self._spent
        log_total = np.log(total)
        value = share @ (gammaln(kinds + q) - gammaln(kinds)) - gammaln(q) + q * np.log(gamma)
        value += p * self._log_spent - self._log_amount
        value -= ((p * self._times + q) * log_total).mean()
        risen = psi(kinds + q)
        slope = np.array(
            [
                share @ (self._kinds * (risen - psi(kinds)))
                + self._log_spent
                - (self._times * log_total).mean(),
                share @ risen - psi(q) + np.log(gamma) - log_total.mean(),
                q / gamma - ((p * self._times + q) / total).mean(),
            ]
        )
        return float(value), parameters * slope
