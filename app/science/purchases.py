"""The purchases of a store as arrays, and what was known of its customers on any day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.science.arrays import Flags, Floats, Ints
from app.science.histories import Histories, histories


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """One row for each customer and day with a purchase, ordered by both. Customers are numbered
    from 0, days from any day; `amount` is what was spent that day."""

    customer: Ints
    day: Ints
    amount: Floats

    def until(self, day: int) -> "Purchases":
        """Those on or before that day."""
        return self.where(self.day <= day)

    def since(self, day: int) -> "Purchases":
        """Those after that day."""
        return self.where(self.day > day)

    def where(self, kept: Flags) -> "Purchases":
        return Purchases(self.customer[kept], self.day[kept], self.amount[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Buyers:
    """What was known at the end of a day of everybody who had bought. `customer`: their numbers;
    `spent`: altogether; `repeat_spent`: after their first day."""

    customer: Ints
    histories: Histories
    spent: Floats
    repeat_spent: Floats

    @property
    def silent(self) -> Ints:
        """Days since the last purchase."""
        known = self.histories
        return known.age - known.last

    @property
    def times(self) -> Ints:
        """Days with a purchase."""
        return self.histories.repeats + 1


def purchases(customer: ArrayLike, day: ArrayLike, amount: ArrayLike) -> Purchases:
    """Orders in any order, those of one customer and day put together."""
    who, when = np.asarray(customer, np.int64), np.asarray(day, np.int64)
    if not len(who):
        return Purchases(who, when, np.zeros(0))
    start, span = int(when.min()), int(np.ptp(when)) + 1
    kept, place = np.unique(who * span + (when - start), return_inverse=True)
    whose, days = np.divmod(kept, span)
    together = np.bincount(place, np.asarray(amount, np.float64)).astype(np.float64)
    return Purchases(whose, days + start, together)


def buyers(bought: Purchases, day: int) -> Buyers:
    """What `bought` tells of its customers at the end of `day`, which its last purchase may not be
    after."""
    customer, first = np.unique(bought.customer, return_index=True)
    if not len(customer):
        none = np.zeros(0, np.int64)
        return Buyers(none, histories(none, none, none), np.zeros(0), np.zeros(0))
    last = np.append(first[1:], len(bought.day)) - 1
    began = bought.day[first]
    known = histories(last - first, bought.day[last] - began, day - began)
    spent = np.add.reduceat(bought.amount, first)
    return Buyers(customer, known, spent, spent - bought.amount[first])
