"""Differences between two rates, and how many people it takes to see one."""

from math import ceil, exp, sqrt
from statistics import NormalDist

from app.science.intervals import Interval, Z

POWER = 0.8
_LARGEST = 30.0
_Count = tuple[float, float]


def rate_difference(treated: tuple[int, int], held_out: tuple[int, int]) -> Interval:
    """Newcombe's interval (1998, method 10) for two rates, each given as (how many did, of how
    many). Raises ValueError for nobody, or more who did than there are."""
    down, up = _reach(treated, held_out)
    difference = treated[0] / treated[1] - held_out[0] / held_out[1]
    return Interval(difference, max(difference - down, -1.0), min(difference + up, 1.0))


def people_needed(base_rate: float, relative: float, held_out: float = 0.1) -> int:
    """How many must be held out, as that share of all, so that four of five experiments show a rate
    `relative` (0.2 for a fifth) above `base_rate`. Raises ValueError for rates that are none."""
    from scipy.optimize import brentq  # noqa: PLC0415 - see `science`.

    raised = base_rate * (1 + relative)
    if not (0 < base_rate < 1 and 0 < raised < 1 and 0 < held_out < 1) or relative == 0:
        raise ValueError(f"{base_rate} and {raised} must be two different rates between 0 and 1")
    ratio, far = (1 - held_out) / held_out, NormalDist().inv_cdf(POWER)

    def short(log_people: float) -> float:
        """By how much the interval that is likely then still reaches beyond the difference."""
        people = exp(log_people)
        more, fewer = raised * people * ratio, base_rate * people
        error = sqrt((raised * (1 - raised) / ratio + base_rate * (1 - base_rate)) / people)
        reach = _reach((more, people * ratio), (fewer, people))
        return reach[0 if relative > 0 else 1] + far * error - abs(raised - base_rate)

    return ceil(exp(brentq(short, 0.0, _LARGEST)))


def _reach(treated: _Count, held_out: _Count) -> tuple[float, float]:
    """How far the interval goes down and up from the difference."""
    first, first_low, first_high = wilson(*treated)
    second, second_low, second_high = wilson(*held_out)
    down = sqrt((first - first_low) ** 2 + (second_high - second) ** 2)
    return down, sqrt((first_high - first) ** 2 + (second - second_low) ** 2)


def wilson(did: float, of: float) -> tuple[float, float, float]:
    """The rate with Wilson's interval around it: (rate, low, high)."""
    if not 0 <= did <= of or not of:
        raise ValueError(f"{did} of {of} is no rate")
    rate, square = did / of, Z**2
    middle = (2 * did + square) / (2 * (of + square))
    half = Z * sqrt(square + 4 * did * (1 - rate)) / (2 * (of + square))
    return rate, middle - half, middle + half
