"""Which products are bought with which: the cosine of their orders, and what is popular lately."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array

from app.science.arrays import Floats, Ints

_KEPT = 20
_AT_ONCE = 1_000
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
    parts = [_nearest(baskets, orders, first, kept) for first in firsts]
    return Neighbours(
        np.concatenate([part.product for part in parts]),
        np.concatenate([part.other for part in parts]),
        np.concatenate([part.nearness for part in parts]),
    )


def _nearest(baskets: csc_array, orders: Floats, begin: int, kept: int) -> Neighbours:
    """The same for the products from `begin` on."""
    together = (baskets[:, begin : begin + _AT_ONCE].T @ baskets).tocoo()
    first, second = together.row.astype(np.int64) + begin, together.col.astype(np.int64)
    apart = first != second
    first, second, both = first[apart], second[apart], together.data[apart]
    nearness = both / (np.sqrt(orders[first] * orders[second]) + _DOUBT)
    best = np.lexsort((second, -nearness, first))
    rank = np.arange(len(best)) - np.searchsorted(first[best], first[best])
    best = best[rank < kept]
    return Neighbours(first[best], second[best], nearness[best])


def _baskets(order: Ints, product: Ints) -> csc_array:
    """Orders by products, 1 where an order has a product however often."""
    found = csr_array(
        (np.ones(len(order), np.float32), (order, product)),
        shape=(order.max() + 1, product.max() + 1),
    )
    found.data[:] = 1.0
    return found.tocsc()
