"""What a fitted model expects of customers in the days to come.

Who is alive after T days buys at a rate that is gamma(r + x, alpha + T), and stops after a purchase
with a chance that is beta(a, b + n), see `likelihood`. Whether somebody is alive is no measure of
churn: under BG/NBD everybody who bought once is. `will_buy` is: 1 - it is the risk.
"""

import numpy as np
from scipy.special import expit

from app.science.arrays import Floats
from app.science.buying import Buying
from app.science.histories import Histories
from app.science.likelihood import ways

_NODES = 24
_LEAST = 1e-300


def alive(model: Buying, known: Histories) -> Floats:
    """The probability that each has not stopped for good."""
    chances = known.repeats + int(model.from_the_first)
    found = ways(known, chances, model.parameters())
    return np.asarray(expit(-found.odds))


def will_buy(model: Buying, known: Histories, days: float) -> Floats:
    """The probability of at least one purchase within `days`.

    Alive, and not silent: P(alive) * (1 - ((alpha+T) / (alpha+T+days))^(r+x)).
    """
    pace = model.r + known.repeats
    silent = -pace * np.log1p(days / (model.alpha + known.age))
    return np.asarray(alive(model, known) * -np.expm1(silent))


def purchases(model: Buying, known: Histories, days: float) -> Floats:
    """How many purchases are expected within `days`.

    Given the rate l and the chance p they are (1 - exp(-l p days)) / p; over l that is
    (1 - (1 + p days / (alpha+T))^-(r+x)) / p, and over p its mean by Gauss-Jacobi quadrature.
    """
    found = np.zeros(len(known.repeats))
    for repeats in np.unique(known.repeats):
        here = known.repeats == repeats
        stop, weight = _chances_to_stop(model, int(repeats) + int(model.from_the_first))
        ages, place = np.unique(known.age[here], return_inverse=True)  # They are few.
        reach = np.log1p(np.outer(days / (model.alpha + ages), stop))
        found[here] = (-np.expm1(-(model.r + repeats) * reach) @ (weight / stop))[place]
    return np.asarray(alive(model, known) * found)


def _chances_to_stop(model: Buying, chances: int) -> tuple[Floats, Floats]:
    """Values of p and their weights under beta(a, b + chances).

    Gauss-Jacobi by the eigenvalues of the recurrence (Golub and Welsch 1969), because scipy's own
    overflows for a store whose customers are much alike.
    """
    from scipy.linalg import eigh_tridiagonal  # noqa: PLC0415 - see `science`.

    first, second = model.b + chances - 1, model.a - 1
    total, k = first + second, np.arange(1, _NODES)
    twice = 2 * k + total
    beside = 4 * k * (k + first) * (k + second) / (twice**2 * (twice + 1))
    beside[1:] *= (k[1:] + total) / (twice[1:] - 1)
    middle = (second - first) * total / (twice * (twice + 2))
    middle = np.append((second - first) / (total + 2), middle)
    roots, vectors = eigh_tridiagonal(middle, np.sqrt(beside))
    return np.maximum((roots + 1) / 2, _LEAST), vectors[0] ** 2
