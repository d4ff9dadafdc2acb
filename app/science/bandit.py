"""Which variant to show more of while it is not known which is best: Thompson sampling.

A variant's share of the next wave is the chance that it is the best one, with a floor for each so
that none is given up for good. The state is two counts for each variant, made anew from the
messages themselves, so that a reward that comes late, twice or out of order changes nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.science.arrays import Floats

FLOOR = 0.05
_DRAWS = 10_000
_LEAST_WEIGHT, _MOST_WEIGHT = 2.0, 200.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What the store's own tests make likely of a rate: beta(`hits`, `misses`)."""

    hits: float = 1.0
    misses: float = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Of a variant: messages whose time to be answered is over, and how many of them were."""

    sent: int
    answered: int


def shares(seen: Sequence[Seen], prior: Prior, seed: int) -> Floats:
    """The share of the next wave for each variant, by `seed`; each at least FLOOR."""
    if any(not 0 <= one.answered <= one.sent for one in seen):
        raise ValueError("no variant can have more answers than messages")
    hits = np.array([prior.hits + one.answered for one in seen])
    misses = np.array([prior.misses + one.sent - one.answered for one in seen])
    drawn = np.random.default_rng(seed).beta(hits, misses, (_DRAWS, len(seen)))
    best = np.bincount(drawn.argmax(axis=1), minlength=len(seen)) / _DRAWS
    spare = 1 - FLOOR * len(seen)
    if spare < 0:
        raise ValueError(f"{len(seen)} variants cannot have {FLOOR} each")
    return np.asarray(FLOOR + spare * best)


def prior_of(past: Sequence[Seen]) -> Prior:
    """From the variants of the store's earlier tests, by the moments of their rates; what one or
    none of them tells is a prior that says nothing."""
    told = [one for one in past if one.sent]
    if len(told) < 2:
        return Prior()
    rates = np.array([one.answered / one.sent for one in told])
    mean = float(np.average(rates, weights=[one.sent for one in told]))
    if not 0 < mean < 1:
        return Prior()
    chance = mean * (1 - mean) * float(np.mean([1 / one.sent for one in told]))
    between = max(float(rates.var(ddof=1)) - chance, 1e-12)
    weight = min(max(mean * (1 - mean) / between - 1, _LEAST_WEIGHT), _MOST_WEIGHT)
    return Prior(mean * weight, (1 - mean) * weight)
