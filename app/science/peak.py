"""The search for the most likely parameters: all of them positive, so it walks their logarithms."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from app.science.arrays import Floats

LogLikelihood: TypeAlias = Callable[[Floats], tuple[float, Floats]]
"""The mean over customers and its gradient, both in the logarithms of the parameters."""

_FARTHEST = 12.0
"""Logarithms further than this from the start tell nothing apart any more."""
_EVEN, _STILL_STEEP = 1e-8, 1e-4


class NotFitted(ValueError):
    """The likelihood has no peak that could be found."""


def find_peak(likely: LogLikelihood, start: Floats) -> Floats:
    """The logarithms at the peak, by L-BFGS. Raises NotFitted when the search ends elsewhere."""
    from scipy.optimize import minimize  # noqa: PLC0415 - see `science`.

    bounds = np.column_stack([start - _FARTHEST, start + _FARTHEST])
    # In one thread: several that wait for each other are slower beside busy neighbours.
    with threadpool_limits(1):
        found = minimize(
            lambda logs: _turned(likely(logs)),
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-14, "gtol": _EVEN},
        )
    # A peak so flat that the last step found nothing higher is one too, whatever the search says.
    inside = (found.x > bounds[:, 0]) & (found.x < bounds[:, 1])
    steep = np.abs(found.jac[inside]).max(initial=0.0)
    if not np.isfinite(found.fun) or not (found.success or steep < _STILL_STEEP):
        raise NotFitted(f"the search for the parameters stopped: {found.message}")
    return np.asarray(found.x)


def _turned(found: tuple[float, Floats]) -> tuple[float, Floats]:
    return -found[0], -found[1]
