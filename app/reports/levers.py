"""What a customer is worth over all years, and what moves that, by a store's last two. Pure.

With the same retention r, frequency f and basket b in every year a customer is worth b f in the
first, b f r in the second, b f r^2 in the third: b f / (1 - r) altogether, without interest (Berger
and Nasr 1998, "Customer lifetime value: marketing models and applications", case 1).
"""

from dataclasses import dataclass
from enum import StrEnum

STEP = 0.05
FEWEST = 100
"""Buyers of the year before, below which their retention is chance."""
GOAL = 3
"""Lifetime value to what a customer costs: at least (C11)."""


class Lever(StrEnum):
    """RETENTION rises by five points of a hundred, the others by five percent of themselves."""

    RETENTION = "retention"
    FREQUENCY = "frequency"
    BASKET = "basket"


@dataclass(frozen=True, slots=True)
class Year:
    """`before`: who bought in the year before the last; `again`: who of them bought in the last.
    `buyers`, `orders` and `spent_minor` are of the last year."""

    before: int = 0
    again: int = 0
    buyers: int = 0
    orders: int = 0
    spent_minor: int = 0

    @property
    def is_known(self) -> bool:
        return self.before >= FEWEST and self.again < self.before and self.orders > 0

    @property
    def retention(self) -> float:
        return self.again / self.before

    @property
    def frequency(self) -> float:
        return self.orders / self.buyers

    @property
    def basket_minor(self) -> float:
        return self.spent_minor / self.orders


@dataclass(frozen=True, slots=True)
class Moved:
    """Lifetime value after one lever has moved; `change` is a share of what it was."""

    lever: Lever
    worth_minor: float
    change: float


def worth_minor(year: Year) -> float:
    """Of one customer over all years. The year must be known."""
    return _worth(year.basket_minor, year.frequency, year.retention)


def moved(year: Year) -> list[Moved]:
    """The largest change first; a retention that could not rise so far is left out."""
    basket, often, kept = year.basket_minor, year.frequency, year.retention
    after = {
        Lever.FREQUENCY: _worth(basket, often * (1 + STEP), kept),
        Lever.BASKET: _worth(basket * (1 + STEP), often, kept),
    }
    if kept + STEP < 1:
        after[Lever.RETENTION] = _worth(basket, often, kept + STEP)
    now = worth_minor(year)
    found = [Moved(lever, worth, worth / now - 1 if now else 0) for lever, worth in after.items()]
    return sorted(found, key=lambda one: -one.change)


def ratio(year: Year, cost_minor: int | None) -> float | None:
    """Lifetime value to the cost of winning a customer: None without either."""
    return worth_minor(year) / cost_minor if cost_minor and year.is_known else None


def _worth(basket: float, often: float, kept: float) -> float:
    return basket * often / (1 - kept)
