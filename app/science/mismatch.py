"""Whether an experiment has the share of people in each arm that it was set to have.

If not, something has kept people out of one arm, and no figure of the experiment means anything
(Fabijan et al. 2019). The bound is strict, because it is looked at every day.
"""

from collections.abc import Sequence

from scipy import stats

ALARM = 0.001


def mismatch(people: Sequence[int], shares: Sequence[float]) -> float:
    """The chance that arms of these `shares` come out as far from them, by chi-square; below ALARM
    something is wrong. 1.0 for nobody. Raises ValueError for shares that do not make a whole."""
    if len(people) != len(shares) or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(f"{shares} are not the shares of {len(people)} arms")
    total = sum(people)
    if not total:
        return 1.0
    return float(stats.chisquare(people, [total * share for share in shares]).pvalue)
