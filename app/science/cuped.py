"""A difference seen more clearly by what people did before: CUPED.

Deng, Xu, Kohavi and Walker 2013: what an earlier figure of the same people explains of the
later one is taken off both arms, which leaves the difference as it is and its variance smaller.
"""

import numpy as np

from app.science.arrays import Flags, Floats
from app.science.intervals import Clearer
from app.science.revenue import Moments, welch


class NotBefore(ValueError):
    """The earlier figure was taken when treatment could already have changed it."""


def clearer_difference(
    outcome: Floats, earlier: Floats, treated: Flags, *, earlier_until: Floats, assigned_at: Floats
) -> Clearer:
    """Of `outcome` between those `treated` and the others, a place for each person. `earlier_until`
    and `assigned_at`: times in one unit; raises NotBefore unless the first is never later, and
    ValueError for an arm of fewer than two.
    """
    if np.any(earlier_until > assigned_at):
        late = int(np.count_nonzero(earlier_until > assigned_at))
        raise NotBefore(f"the earlier figure of {late} people reaches past their assignment")
    spread = float(earlier.var())
    slope = float(np.cov(outcome, earlier, ddof=0)[0, 1]) / spread if spread > 0 else 0.0
    adjusted = outcome - slope * (earlier - earlier.mean())
    before = float(outcome.var())
    removed = 1 - float(adjusted.var()) / before if before > 0 else 0.0
    return Clearer(welch(_moments(adjusted[treated]), _moments(adjusted[~treated])), removed)


def _moments(values: Floats) -> Moments:
    if len(values) < 2:
        raise ValueError(f"{len(values)} people have no variance")
    return Moments(len(values), float(values.mean()), float(values.var(ddof=1)))
