"""After how many days a product is bought again by the people who buy it again."""

from dataclasses import dataclass

import numpy as np

from app.science.arrays import Floats, Ints, distinct


@dataclass(frozen=True, slots=True, eq=False)
class Rhythms:
    """For each product, numbered from 0: how many people have bought it, how many of them on more
    than one day, and the median of the days between two purchases of one person (NaN: none)."""

    buyers: Ints
    again: Ints
    gap: Floats


def rhythms(customer: Ints, product: Ints, day: Ints, products: int) -> Rhythms:
    """Of lines of orders, each naming who bought what by number, and when."""
    width = int(day.max()) + 1 if len(day) else 1
    # One number for who, what and when: to sort one array is much quicker than to sort by three.
    bought = distinct((customer * products + product) * width + day)
    pair, at = bought // width, bought % width
    begins = np.ones(len(pair), bool)
    begins[1:] = pair[1:] != pair[:-1]
    what = pair % products
    return Rhythms(
        buyers=np.bincount(what[begins], minlength=products),
        again=_again(what, begins, products),
        gap=_medians(what[1:][~begins[1:]], np.diff(at)[~begins[1:]], products),
    )


def _again(what: Ints, begins: Ints, products: int) -> Ints:
    """People whose second purchase of the product is there."""
    second = ~begins
    second[1:] &= begins[:-1].astype(bool)
    return np.bincount(what[second], minlength=products)


def _medians(what: Ints, gap: Ints, products: int) -> Floats:
    """The median of the gaps of each product."""
    width = int(gap.max(initial=0)) + 1
    ordered = np.sort(what * width + gap)
    what, gap = ordered // width, ordered % width
    many = np.bincount(what, minlength=products)
    first = np.cumsum(many) - many
    found = np.full(products, np.nan)
    told = many > 0
    low, high = first + (many - 1) // 2, first + many // 2
    found[told] = (gap[low[told]] + gap[high[told]]) / 2
    return found
