"""Which products are bought with which: the cosine of their orders, and what is popular lately."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.science.arrays import Floats, Ints

_KEPT = 20
_AT_ONCE = 250
"""Products compared with all others at a time, which bounds the memory by their number."""
_DOUBT = 2.0
"""As many orders are held against every pair: what met once may have met by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """For each product, numbered from 0, its nearest others, the nearest first: rows of
    `product`, `other`, `nearness` in (0, 1)."""

    product: Ints
    other: Ints
    nearness: Floats


def neighbours(order: Ints, product: Ints, kept: int = _KEPT) -> Neighbours:
    """Of lines of orders, each naming its order and its product by number."""
    if not len(product):
        return Neighbours(product, product, np.zeros(0))
    baskets = _baskets(order, product)
    orders = np.asarray(baskets.sum(axis=0)).ravel()
    firsts = range(0, baskets.shape[1], _AT_ONCE)
    holding = baskets.T.tocsr()
    parts = [
        _nearest(first, holding[first : first + _AT_ONCE] @ baskets, orders, kept)
        for first in firsts
    ]
    return Neighbours(
        np.concatenate([part.product for part in parts]),
        np.concatenate([part.other for part in parts]),
        np.concatenate([part.nearness for part in parts]),
    )


def _nearest(begin: int, both: csr_array, orders: Floats, kept: int) -> Neighbours:
    """The same for some products, from `begin` on, of how many orders they and others share."""
    both.sort_indices()
    pairs = both.tocoo()
    apart = pairs.row + begin != pairs.col
    row, second, shared = pairs.row[apart], pairs.col[apart], pairs.data[apart]
    nearness = shared / (np.sqrt(orders[row + begin] * orders[second]) + _DOUBT)
    # Nearness is less than 1, so that one number stands for both; equals stay in their order.
    best = np.argsort(row - nearness, kind="stable")
    rank = np.arange(len(best)) - np.searchsorted(row[best], row[best])
    best = best[rank < kept]
    return Neighbours(
        row[best].astype(np.int64) + begin, second[best].astype(np.int64), nearness[best]
    )


def _baskets(order: Ints, product: Ints) -> csr_array:
    """Orders by products, 1 where an order has a product however often."""
    found = csr_array(
        (np.ones(len(order), np.float32), (order, product)),
        shape=(order.max() + 1, product.max() + 1),
    )
    found.data[:] = 1.0
    return found
