"""What models of repeat purchase know of a customer: how often they came back, when last, and for
how long they have been known. Equal histories are one row with a count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.science.arrays import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Arrays of one length, in whole days. `repeats`: days with a purchase after the first (x).
    `last`: from the first purchase to the last (t_x), 0 without repeats. `age`: from the first
    purchase to now (T). `count`: how many customers have this history.
    """

    repeats: Ints
    last: Ints
    age: Ints
    count: Ints

    def __post_init__(self) -> None:
        if np.any(self.repeats < 0) or np.any(self.last < 0) or np.any(self.last > self.age):
            raise ValueError("a history needs repeats >= 0 and 0 <= last <= age")
        if np.any((self.repeats == 0) & (self.last > 0)):
            raise ValueError("who never came back has no later purchase: last must be 0")

    @property
    def people(self) -> int:
        return int(self.count.sum())


def histories(repeats: ArrayLike, last: ArrayLike, age: ArrayLike) -> Histories:
    """One customer's history in each row. Raises ValueError for one that cannot be."""
    first, second, third = (np.asarray(column, np.int64) for column in (repeats, last, age))
    return Histories(first, second, third, np.ones(len(first), np.int64))


def grouped(single: Histories) -> tuple[Histories, Ints]:
    """Equal histories as one row each, and for each row of `single` which of them it is."""
    span = int(single.age.max(initial=0)) + 1
    keys = (single.repeats * span + single.last) * span + single.age
    kept, place = np.unique(keys, return_inverse=True)
    counted = np.bincount(place, single.count).astype(np.int64)
    rest, age = np.divmod(kept, span)
    repeats, last = np.divmod(rest, span)
    return Histories(repeats, last, age, counted), place.astype(np.int64)
