"""Which way of a trial is best, as far as that can be told. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from app.experiments.found import WORTH
from app.experiments.trial import Count, TrialFound, WayFound, Winner
from app.science.rates import people_needed, rate_difference, wilson


def judge(counts: Mapping[str, Count], shares: Mapping[str, float]) -> TrialFound:
    """The best two are compared by Newcombe's interval."""
    found = TrialFound(ways=tuple(_way(name, counts[name], shares[name]) for name in counts))
    told = sorted((way for way in found.ways if way.count.sent), key=_standing, reverse=True)
    if len(told) < 2:
        return found
    first, second = (way.count for way in told[:2])
    apart = rate_difference((first.answered, first.sent), (second.answered, second.sent))
    if apart.low > 0:
        return replace(found, winner=Winner.CLEAR, best=told[0].name)
    needed = _needed(first, second)
    enough = needed is not None and min(first.sent, second.sent) >= needed
    return replace(found, winner=Winner.LEVEL if enough else Winner.TOO_FEW, needed=needed)


def _way(name: str, count: Count, share: float) -> WayFound:
    if not count.sent:
        return WayFound(name=name, share=share, count=count)
    rate, low, high = wilson(count.answered, count.sent)
    return WayFound(name=name, share=share, count=count, rate=rate, low=low, high=high)


def _standing(way: WayFound) -> tuple[float, int]:
    return way.rate or 0.0, way.count.sent


def _needed(first: Count, second: Count) -> int | None:
    rate = (first.answered + second.answered) / (first.sent + second.sent)
    return people_needed(rate, WORTH, 0.5) if 0 < rate * (1 + WORTH) < 1 else None
