"""How good a forecast was, once it is known what came."""

from dataclasses import dataclass

import numpy as np

from app.science.arrays import Flags, Floats

_TENTH = 0.1


@dataclass(frozen=True, slots=True)
class Bin:
    """People who were told about the same: the mean of what they were told and what they did."""

    people: int
    told: float
    happened: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`auc`: the chance that one who did ranks above one who did not (0.5 is a coin). `brier`: the
    mean square of the error; `skill`: how much less that is than when everybody is told the mean
    rate. `lift`: how many times the mean rate the tenth that ranks first has reached."""

    people: int
    happened: int
    auc: float
    brier: float
    skill: float
    lift: float
    bins: tuple[Bin, ...]


class AllAlike(ValueError):
    """Everybody did the same: there is nothing to learn, and no forecast is better than another."""

    def __init__(self, did: int, people: int) -> None:
        super().__init__(f"{did} of {people} people did it")
        self.did, self.people = did, people


def require_both(happened: Flags) -> None:
    """Raises AllAlike."""
    did = int(happened.sum())
    if not 0 < did < len(happened):
        raise AllAlike(did, len(happened))


def judge(told: Floats, happened: Flags) -> Judgement:
    """Of probabilities for people and what each of them did. Raises AllAlike."""
    require_both(happened)
    people, did = len(happened), int(happened.sum())
    rate = did / people
    brier = float(((told - happened) ** 2).mean())
    return Judgement(
        people=people,
        happened=did,
        auc=_auc(told, happened),
        brier=brier,
        skill=1 - brier / (rate * (1 - rate)),
        lift=_lift(told, happened) / rate,
        bins=tuple(_bins(told, happened)),
    )


def _auc(told: Floats, happened: Flags) -> float:
    """By the rank sum of Mann and Whitney; who was told the same counts half."""
    from scipy.stats import rankdata  # noqa: PLC0415 - see `science`.

    did = int(happened.sum())
    above = float(rankdata(told)[happened].sum()) - did * (did + 1) / 2
    return above / (did * (len(happened) - did))


def _lift(told: Floats, happened: Flags) -> float:
    """The rate of the first tenth. Who was told the same as the last of them shares its places."""
    places = max(1, round(len(told) * _TENTH))
    least = np.partition(told, -places)[-places]
    above, level = told > least, told == least
    shared = (places - int(above.sum())) * float(happened[level].mean())
    return (float(happened[above].sum()) + shared) / places


def _bins(told: Floats, happened: Flags) -> list[Bin]:
    """Tenths by what was told; who was told the same is never parted."""
    edges = np.unique(np.quantile(told, np.arange(1, 10) * _TENTH, method="lower"))
    place = np.searchsorted(edges, told, side="left")
    found = []
    for number in np.unique(place):
        here = place == number
        found.append(Bin(int(here.sum()), float(told[here].mean()), float(happened[here].mean())))
    return found
