"""Whether the hour that is chosen for a message brings more answers than a random one. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

from app.experiments.found import WORTH
from app.science.intervals import Interval
from app.science.rates import people_needed, rate_difference

LEAST = 30
"""Answers at random hours below which no interval is shown."""
_AT_RANDOM = 0.1


class Answers(NamedTuple):
    """How many messages were answered, of how many."""

    answered: int = 0
    sent: int = 0

    @property
    def rate(self) -> float | None:
        return self.answered / self.sent if self.sent else None


NONE = Answers()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursFound:
    """`gain`: of the rate of answers, the chosen hour less a random one; None while there are too
    few. `needed`: messages at a random hour for a change of WORTH to show, where it can be said."""

    best: Answers = NONE
    random: Answers = NONE
    gain: Interval | None = None
    needed: int | None = None


def judge_hours(best: Answers, random: Answers) -> HoursFound:
    if random.answered < LEAST or not best.answered:
        return HoursFound(best=best, random=random, needed=_needed(best, random))
    return HoursFound(best=best, random=random, gain=rate_difference(best, random))


def _needed(best: Answers, random: Answers) -> int | None:
    answered, sent = best.answered + random.answered, best.sent + random.sent
    if not 0 < answered * (1 + WORTH) < sent:
        return None
    return people_needed(answered / sent, WORTH, _AT_RANDOM)
