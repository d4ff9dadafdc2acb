"""Groups of customers who behave alike, by k-means on the logarithms of what they did.

Three or four groups hold when the same people are drawn again, more do not (adjusted Rand index
0.93, 0.87, below 0.78). A group keeps its number from one run to the next by its place.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from threadpoolctl import threadpool_limits

from app.science.arrays import Floats, Ints
from app.science.purchases import Buyers

STABLE = 0.85
_SAMPLE, _DRAWS, _STARTS = 20_000, 5, 4
LEAST, _NAMED = 100, 2


class Trait(StrEnum):
    """What sets a group apart, in pairs: more of a feature than others, and less."""

    SILENT = "silent"
    RECENT = "recent"
    OFTEN = "often"
    SELDOM = "seldom"
    LARGE = "large"
    SMALL = "small"
    SLOW = "slow"
    QUICK = "quick"


_TRAITS = (
    (Trait.SILENT, Trait.RECENT),
    (Trait.OFTEN, Trait.SELDOM),
    (Trait.LARGE, Trait.SMALL),
    (Trait.SLOW, Trait.QUICK),
)


@dataclass(frozen=True, slots=True)
class Clusters:
    """A row of each for a group: its number, its centre in scaled features, and its two foremost
    traits. `mean` and `scale` of the features; `stability`: the mean adjusted Rand index with
    groups found in other draws of the same people."""

    numbers: tuple[int, ...]
    centres: tuple[tuple[float, ...], ...]
    traits: tuple[tuple[Trait, ...], ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    stability: float

    def __call__(self, known: Buyers) -> Ints:
        """The number of the group that each buyer is nearest to."""
        places = (features(known) - np.array(self.mean)) / np.array(self.scale)
        return np.asarray(np.array(self.numbers)[_nearest(places, np.array(self.centres))])


def features(known: Buyers) -> Floats:
    """Logarithms of days of silence, of purchases, of what a purchase is worth, and of the days
    between two; for who has bought once these are the days since."""
    histories = known.histories
    gap = np.where(
        histories.repeats, histories.last / np.maximum(histories.repeats, 1), known.silent
    )
    worth = np.maximum(known.spent, 0) / known.times
    return np.asarray(np.log1p(np.column_stack([known.silent, known.times, worth, gap])))


def find_clusters(known: Buyers, before: Clusters | None = None, seed: int = 0) -> Clusters:
    """Four groups where they hold, else three; numbered as those of `before` that they are nearest
    to. Raises ValueError for fewer than a hundred buyers."""
    if len(known.customer) < LEAST:
        raise ValueError(f"{len(known.customer)} buyers are too few to tell groups of them apart")
    random = np.random.default_rng(seed)
    asked = features(known)
    mean, scale = asked.mean(axis=0), asked.std(axis=0)
    scale[scale == 0] = 1.0
    sample = (asked - mean) / scale
    if len(sample) > _SAMPLE:
        sample = sample[random.choice(len(sample), _SAMPLE, replace=False)]
    centres, stability = _grouped(sample, 4, random)
    if stability < STABLE:
        centres, stability = _grouped(sample, 3, random)
    return Clusters(
        numbers=_numbered(centres * scale + mean, before),
        centres=_rows(centres),
        traits=tuple(_foremost(centre) for centre in centres),
        mean=tuple(map(float, mean)),
        scale=tuple(map(float, scale)),
        stability=stability,
    )


def _grouped(sample: Floats, groups: int, random: np.random.Generator) -> tuple[Floats, float]:
    """The centres, and how far groups found in people drawn anew agree with them."""
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415 - see `science`.

    labels, centres = _means(sample, groups, _STARTS, random)
    agree = []
    for _ in range(_DRAWS):
        drawn = sample[random.integers(len(sample), size=len(sample))]
        _, others = _means(drawn, groups, 1, random)
        agree.append(adjusted_rand_score(labels, _nearest(sample, others)))
    return centres, float(np.mean(agree))


def _nearest(places: Floats, centres: Floats) -> Ints:
    """For each row of `places` the centre that is nearest."""
    away = np.column_stack([((places - centre) ** 2).sum(axis=1) for centre in centres])
    return np.asarray(away.argmin(axis=1))


def _means(
    sample: Floats, groups: int, starts: int, random: np.random.Generator
) -> tuple[Ints, Floats]:
    """The group of each row, and the centres."""
    from sklearn.cluster import KMeans  # noqa: PLC0415 - see `science`.

    seed = int(random.integers(2**31))
    # In one thread: several that wait for each other are slower beside busy neighbours.
    with threadpool_limits(1):
        found = KMeans(groups, n_init=starts, random_state=seed).fit(sample)
    return np.asarray(found.labels_), np.asarray(found.cluster_centers_)


def _foremost(centre: Floats) -> tuple[Trait, ...]:
    """What is farthest from the mean, the farthest first."""
    order = np.argsort(-np.abs(centre), kind="stable")[:_NAMED]
    return tuple(_TRAITS[place][0 if centre[place] > 0 else 1] for place in order)


def _numbered(centres: Floats, before: Clusters | None) -> tuple[int, ...]:
    """The numbers of those that were nearest before, and the next free ones for what is new."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - see `science`.

    if before is None:
        return tuple(range(1, len(centres) + 1))
    was = np.array(before.centres) * np.array(before.scale) + np.array(before.mean)
    away = (((centres[:, None] - was[None]) / np.array(before.scale)) ** 2).sum(axis=2)
    kept = dict(zip(*linear_sum_assignment(away), strict=True))
    free = (number for number in range(1, 99) if number not in before.numbers)
    return tuple(
        before.numbers[kept[row]] if row in kept else next(free) for row in range(len(centres))
    )


def _rows(values: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(float, row)) for row in values)
