"""What is said of a flow: figures that pages show and JSON keeps. Knows no statistics."""

from dataclasses import dataclass
from enum import StrEnum

from app.science.intervals import Clearer, Interval

WORTH = 0.2
"""A change of the rate by a fifth is one that should show."""


class Verdict(StrEnum):
    """NOBODY: a side has fewer than two people. MISMATCH: the sides are not as large as they were
    set to be, so nothing that they differ by means anything. LEVEL: so many people that a change of
    WORTH would show, and none does."""

    NOBODY = "nobody"
    MISMATCH = "mismatch"
    MORE = "more"
    LESS = "less"
    LEVEL = "level"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Side:
    people: int
    buyers: int
    spent_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`rate`: of buyers, and `money`: of minor units a person, both treated less held out; `total`:
    the money of everybody treated, as much as came only because of the flow. `clearer`: the same
    money less what earlier purchases explain. `needed`: people held out for a change of WORTH to
    show. `chance`: of sides as unlike as these."""

    treated: Side
    held_out: Side
    waiting: int
    verdict: Verdict = Verdict.NOBODY
    rate: Interval | None = None
    money: Interval | None = None
    clearer: Clearer | None = None
    chance: float = 1.0
    needed: int | None = None

    @property
    def is_suspect(self) -> bool:
        """Whether no figure of it means anything."""
        return self.verdict is Verdict.MISMATCH

    @property
    def total(self) -> Interval | None:
        if self.money is None:
            return None
        people, per = self.treated.people, self.money
        return Interval(per.difference * people, per.low * people, per.high * people)
