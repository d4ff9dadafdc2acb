"""Logistic regression whose result is a few numbers that can be kept and asked again."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from app.science.arrays import Flags, Floats
from app.science.judging import require_both

_MOST_ROWS = 100_000
_SURE = 1e-6
_FAR = 4.0
"""Standard deviations. What lies further out was never seen and must not decide alone."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """For features in the order they were learnt in: what is taken off each, what it is divided
    by, and how much it counts."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    base: float

    def __call__(self, features: Floats) -> Floats:
        """The log-odds of each row."""
        scaled = (features - np.array(self.mean)) / np.array(self.scale)
        seen = np.clip(scaled, -_FAR, _FAR)
        return np.asarray(seen @ np.array(self.weight) + self.base)


def learn(features: Floats, happened: Flags, seed: int = 0) -> Logistic:
    """From rows of features and whether it happened; from 100,000 of them, drawn by `seed`, where
    there are more. Raises AllAlike."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - see `science`.

    require_both(happened)
    if len(happened) > _MOST_ROWS:
        drawn = np.random.default_rng(seed).choice(len(happened), _MOST_ROWS, replace=False)
        features, happened = features[drawn], happened[drawn]
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    with threadpool_limits(1):  # As in `peak`.
        found = LogisticRegression(max_iter=500).fit((features - mean) / scale, happened)
    return Logistic(
        tuple(map(float, mean)),
        tuple(map(float, scale)),
        tuple(map(float, found.coef_[0])),
        float(found.intercept_[0]),
    )


def log_odds(probability: Floats) -> Floats:
    """Of probabilities, none of which is taken for quite 0 or 1."""
    kept = np.clip(probability, _SURE, 1 - _SURE)
    return np.asarray(np.log(kept) - np.log1p(-kept))
