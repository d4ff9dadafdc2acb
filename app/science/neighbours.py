"""Which products are bought with which: the cosine of their orders, and what is popular lately."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.science.arrays import Floats, Ints

_KEPT = 20


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """For each product, numbered from 0, its nearest others, the nearest first: rows of
    `product`, `other`, `nearness` in (0, 1]."""

    product: Ints
    other: Ints
    nearness: Floats


def neighbours(order: Ints, product: Ints, kept: int = _KEPT) -> Neighbours:
    """Of lines of orders, each naming its order and its product by number."""
    if not len(product):
        return Neighbours(product, product, np.zeros(0))
    baskets = _baskets(order, product)
    together = (baskets.T @ baskets).tocoo()
    apart = together.row != together.col
    first, second, both = together.row[apart], together.col[apart], together.data[apart]
    orders = np.asarray(baskets.sum(axis=0)).ravel()
    nearness = both / np.sqrt(orders[first] * orders[second])
    best = np.lexsort((second, -nearness, first))
    rank = np.arange(len(best)) - np.searchsorted(first[best], first[best])
    best = best[rank < kept]
    return Neighbours(first[best].astype(np.int64), second[best].astype(np.int64), nearness[best])


def _baskets(order: Ints, product: Ints) -> csr_array:
    """Orders by products, 1 where an order has a product however often."""
    found = csr_array(
        (np.ones(len(order)), (order, product)), shape=(order.max() + 1, product.max() + 1)
    )
    found.data[:] = 1.0
    return found
