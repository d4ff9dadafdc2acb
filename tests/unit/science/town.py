"""Customers of whom it is known how often they buy and when they stop."""

import numpy as np

from app.science.buying import Buying
from app.science.purchases import Purchases, purchases


def simulate(model: Buying, people: int, days: int, seed: int = 0) -> Purchases:
    """The purchases of `people` who first buy on any of the first half of `days`, spending gamma
    amounts about 40."""
    random = np.random.default_rng(seed)
    rate = random.gamma(model.r, 1 / model.alpha, people)
    stop = random.beta(model.a, model.b, people)
    who, when = [], []
    for person in range(people):
        at = float(random.uniform(0, days / 2))
        may_stop = model.from_the_first
        while at < days:
            who.append(person)
            when.append(int(at))
            if may_stop and random.random() < stop[person]:
                break
            may_stop = True
            at += float(random.exponential(1 / rate[person]))
    return purchases(who, when, random.gamma(4, 10, len(who)))
