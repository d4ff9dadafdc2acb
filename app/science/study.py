"""Everything that can be learnt of a store's buyers from its purchases, and how good it is.

The contest decides which way tells who buys; the models are fitted to everybody. What there is too
little of is not learnt, and it is said what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from app.science.buying import Buying, fit
from app.science.clusters import LEAST, Clusters, find_clusters
from app.science.contest import Contest, Ground, hold, ways_at
from app.science.forecaster import Forecaster
from app.science.gates import Gate, failing, is_small, reached
from app.science.histories import grouped
from app.science.judging import AllAlike
from app.science.peak import NotFitted
from app.science.purchases import Buyers, Purchases, buyers
from app.science.rfm import fifths
from app.science.scores import Learnt
from app.science.spending import Spending, fit_spending

MOST = 100_000
"""Of more buyers the contest is held on so many, drawn by chance: more tell nothing else."""


class Problem(StrEnum):
    """Why no contest could be held: the history is too short, or nobody or everybody bought."""

    YOUNG = "young"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """`missing`: what there is of each gate that does not open, which leaves the plain rules, and
    in a `small` store the model beside them.
    `sizes`: how many buyers each cluster has."""

    buyers: int
    missing: Mapping[Gate, int]
    contest: Contest | None
    problem: Problem | None
    learnt: Learnt
    sizes: Mapping[int, int]
    small: bool = False


def study(ground: Ground, before: Clusters | None = None) -> Study:
    """`before`: the clusters of the last time, whose numbers are kept."""
    known = buyers(ground.bought, ground.day)
    gates, there, small = failing(known), reached(known), is_small(known)
    model = _model(known) if small or not gates else None
    contest, way, problem = _contest(replace(ground, plain=model is None, small=small), known)
    clusters = find_clusters(known, before) if len(known.customer) >= LEAST else None
    return Study(
        buyers=len(known.customer),
        missing={gate: there[gate] for gate in gates},
        contest=contest,
        problem=problem,
        learnt=Learnt(
            way=way,
            model=model if way else None,  # What was not judged is not told.
            spending=_spending(known) if way and model else None,
            clusters=clusters,
        ),
        sizes=_sizes(clusters, known),
        small=small and model is not None,
    )


def _model(known: Buyers) -> Buying | None:
    try:
        return fit(grouped(known.histories)[0]).model
    except NotFitted:
        return None


def _contest(
    ground: Ground, known: Buyers
) -> tuple[Contest | None, Forecaster | None, Problem | None]:
    """The contest, and its winner having learnt from all days there are."""
    if not ground.reaches(ground.day - 2 * ground.days):
        return None, None, Problem.YOUNG
    drawn = replace(ground, bought=_drawn(ground.bought, known))
    try:
        held, way = _held(drawn)
    except AllAlike:
        return None, None, Problem.ALIKE
    money = tuple(map(float, fifths(known.spent)))
    return held, replace(way, bounds=replace(way.bounds, money=money)), None


def _held(ground: Ground) -> tuple[Contest, Forecaster]:
    try:
        held = hold(ground)
        return held, ways_at(ground, ground.day)[held.winner]
    except (NotFitted, KeyError):  # A model of earlier days, or of a season, cannot be found.
        if ground.plain:
            raise
        return _held(replace(ground, plain=True))


def _drawn(bought: Purchases, known: Buyers) -> Purchases:
    if len(known.customer) <= MOST:
        return bought
    kept = np.zeros(int(known.customer.max()) + 1, bool)
    kept[np.random.default_rng(0).choice(known.customer, MOST, replace=False)] = True
    return bought.where(kept[bought.customer])


def _spending(known: Buyers) -> Spending | None:
    """By all purchases: most buyers have one, and it tells of them too."""
    try:
        found = fit_spending(known.times, known.spent / known.times).model
    except NotFitted:
        return None
    return found if found.p + found.q > 1 else None  # Else no purchase has a mean.


def _sizes(clusters: Clusters | None, known: Buyers) -> dict[int, int]:
    if clusters is None:
        return {}
    found = np.bincount(clusters(known), minlength=max(clusters.numbers) + 1)
    return {number: int(found[number]) for number in sorted(clusters.numbers)}
