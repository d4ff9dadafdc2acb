"""Every code of recency, frequency and money has a name, and the listed ones have theirs."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.science.rfm import GROUPS, LISTED, Bounds, Group, fifths, grades, group_of

CODES = list(product(range(1, 6), repeat=3))
AS_LISTED = {
    Group.CHAMPIONS: (555, 554, 545),
    Group.LOYAL: (445, 454, 544),
    Group.POTENTIAL: (534, 443, 434),
    Group.NEW: (511, 512, 521),
    Group.PROMISING: (413, 414, 431),
    Group.ATTENTION: (333, 332, 323),
    Group.ABOUT_TO_SLEEP: (233, 232, 223),
    Group.AT_RISK: (244, 234, 143),
    Group.HIBERNATING: (122, 123, 132),
    Group.LOST: (111, 112, 121),
}
SIZES = {
    Group.AT_RISK: 20,
    Group.ATTENTION: 19,
    Group.HIBERNATING: 18,
    Group.PROMISING: 16,
    Group.POTENTIAL: 16,
    Group.ABOUT_TO_SLEEP: 15,
    Group.LOYAL: 9,
    Group.NEW: 6,
    Group.CHAMPIONS: 3,
    Group.LOST: 3,
}


def name_of(code: int) -> Group:
    recency, rest = divmod(code, 100)
    return group_of(recency, *divmod(rest, 10))


@pytest.mark.parametrize("name", list(Group))
def test_a_listed_code_has_the_name_of_the_brief(name: Group) -> None:
    assert [name_of(code) for code in AS_LISTED[name]] == [name] * len(AS_LISTED[name])
    assert set(AS_LISTED[name]) <= LISTED


def test_every_code_has_one_name() -> None:
    assert len(GROUPS) == len(CODES) == 125
    assert tuple(group_of(*code) for code in CODES) == GROUPS
    assert {name: GROUPS.count(name) for name in Group} == SIZES
    assert len(LISTED) == 30


@pytest.mark.parametrize(
    ("silent", "recency"),
    [(0, 5), (6, 5), (7, 4), (29, 4), (30, 3), (59, 3), (60, 2), (90, 2), (91, 1), (900, 1)],
)
def test_recency_and_frequency_have_the_bounds_of_the_brief(silent: int, recency: int) -> None:
    found = grades(np.array([silent]), np.array([1]), np.array([1.0]))

    assert found.recency[0] == recency
    times = np.array([1, 2, 3, 4, 5, 6, 9, 10, 400])
    of_times = grades(np.zeros(9, int), times, np.ones(9)).frequency
    assert of_times.tolist() == [1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_the_bounds_are_the_stores_own() -> None:
    bounds = Bounds(recency=(30, 90, 180, 365), frequency=(2, 3, 4, 5))

    found = grades(np.array([29, 30, 365]), np.array([1, 3, 5]), np.ones(3), bounds)

    assert found.recency.tolist() == [5, 4, 1]
    assert found.frequency.tolist() == [1, 3, 5]


def test_money_has_fifths_and_the_same_amount_has_the_same_grade() -> None:
    def money(*spent: float) -> list[int]:
        zeros = np.zeros(len(spent), int)
        return [int(one) for one in grades(zeros, zeros + 1, np.array(spent)).money]

    assert money(*range(1, 11)) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # Two of them would stand in the first fifth and two in the last: all take the highest.
    assert money(1, 7, 7, 7, 7, 7, 7, 7, 7, 9) == [1, 5, 5, 5, 5, 5, 5, 5, 5, 5]
    assert money(40) == [5]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.randoms())
def test_grades_do_not_depend_on_the_order_and_never_rank_less_higher(
    spent: list[int], random: Random
) -> None:
    amounts = np.array(spent, float)
    zeros = np.zeros(len(spent), int)
    found = dict(zip(spent, grades(zeros, zeros + 1, amounts).money.tolist(), strict=True))

    mixed = random.sample(spent, len(spent))
    again = grades(zeros, zeros + 1, np.array(mixed, float)).money.tolist()

    assert dict(zip(mixed, again, strict=True)) == found
    assert [found[value] for value in sorted(found)] == sorted(found.values())
    assert found[max(spent)] == 5
    assert (np.diff(fifths(amounts)) >= 0).all()
