"""The kinds of arrays this room takes and gives."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


def distinct(values: Ints) -> Ints:
    """In their order, each once. `np.unique` goes by hashes: 8 s for 5,000,000 different numbers,
    where sorting takes 0.3."""
    ordered = np.sort(values)
    begins = np.ones(len(ordered), bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(ordered[begins])
