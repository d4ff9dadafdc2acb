"""Buyers who buy and stop as MBG/NBD has it, as many as asked for, about four purchases each."""

import numpy as np

from app.science.buying import Buying
from app.science.purchases import Purchases, purchases

DAYS = 730
TOWN = Buying(r=0.9, alpha=40.0, a=0.9, b=3.0)


def simulate(people: int, seed: int = 7) -> Purchases:
    """Everybody's next purchase at once, until the last has stopped or the days are over."""
    random = np.random.default_rng(seed)
    pace = random.gamma(TOWN.r, 1 / TOWN.alpha, people)
    stop = random.beta(TOWN.a, TOWN.b, people)
    who, at = np.arange(people), random.uniform(0, DAYS * 0.8, people)
    customers, days = [], []
    while len(who):
        customers.append(who)
        days.append(at.astype(np.int64))
        at = at + random.exponential(1 / pace[who])
        goes_on = (random.random(len(who)) >= stop[who]) & (at < DAYS)
        who, at = who[goes_on], at[goes_on]
    customer, day = np.concatenate(customers), np.concatenate(days)
    return purchases(customer, day, random.gamma(4, 1_000, len(day)))
