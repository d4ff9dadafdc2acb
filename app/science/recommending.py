"""What one person is likely to buy next: what they buy again, and what is new to them.

The two are different questions. Again: their own frequency and rhythm, which beat every model of
others. New: what was bought in one order with what they have, and a little of what is popular
(science.md 7). Numbers and keys in, keys out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

AHEAD = 14.0
"""Days before it is due from which a product is recommended again, half its gap at most: nobody
wants at once what has just come."""
_GIVEN_UP = 3.0
"""So many times its gap without it: they have it from elsewhere, or no more."""
_OFTEN_AGAIN = 0.2
"""What fewer of its buyers buy again than this is not taken for something that runs out."""
_POPULAR = 0.05
"""What being the best seller counts, where being always bought together counts as 1."""


@dataclass(frozen=True, slots=True)
class Had:
    """A product a person has bought, and how many days ago, the latest first, one for each day.
    `place`: of the latest order that held it, 0 for the person's latest."""

    key: str
    ages: tuple[float, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Again:
    """A product that is due again in `due` days (less than 0: since then), by a gap of `gap` days
    which is the person's own, or that of all who buy it again."""

    key: str
    gap: float
    due: float
    own: bool


@dataclass(frozen=True, slots=True)
class New:
    """A product that goes with `because`, or, where that is None, one that sells well."""

    key: str
    because: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a product that somebody has bought: its neighbours, and the gap after which
    `again` of its buyers, as a share, buy it again."""

    near: Mapping[str, float]
    gap: float | None = None
    again: float = 0.0


def bought_again(had: Sequence[Had], known: Mapping[str, Known]) -> list[Again]:
    """What is due, what they have bought most often first, of that what is most overdue."""
    times = {each.key: len(each.ages) for each in had}
    found = [again for each in had if (again := _again(each, known.get(each.key)))]
    return sorted(found, key=lambda one: (-times[one.key], one.due / one.gap, one.key))


def goes_with(
    had: Sequence[Had], known: Mapping[str, Known], popular: Mapping[str, float]
) -> list[New]:
    """What goes with what they have and is none of it, the best first. `popular`: the share of the
    best seller's orders that a product has. What a person has bought last counts most."""
    owned = {each.key for each in had}
    score: dict[str, float] = {}
    because: dict[str, tuple[float, str]] = {}
    for each in had:
        for key, nearness in known[each.key].near.items() if each.key in known else ():
            part = nearness / (1 + each.place)
            if key not in owned:
                score[key] = score.get(key, 0.0) + part
                because[key] = max(because.get(key, (0.0, "")), (part, each.key))
    total = {key: near + _POPULAR * popular.get(key, 0.0) for key, near in score.items()}
    return [New(key, because[key][1]) for key in sorted(total, key=lambda key: (-total[key], key))]


def sells_well(best: Sequence[str], without: Collection[str]) -> list[New]:
    """The best sellers, in their order, for where nothing else is known."""
    return [New(key, None) for key in dict.fromkeys(best) if key not in without]


def _again(had: Had, known: Known | None) -> Again | None:
    gap, own = _gap(had, known)
    if not gap or had.ages[0] > _GIVEN_UP * gap or gap - had.ages[0] > min(AHEAD, gap / 2):
        return None
    return Again(had.key, gap, gap - had.ages[0], own)


def _gap(had: Had, known: Known | None) -> tuple[float | None, bool]:
    """Their own median gap; of what they have bought once, that of the people who buy it again."""
    if len(had.ages) > 1:
        return median(b - a for a, b in zip(had.ages, had.ages[1:], strict=False)), True
    if known is None or known.again < _OFTEN_AGAIN:
        return None, False
    return known.gap, False
