"""Next month's focus is where the most money is at risk; moves of people add up to nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.focus import GROUPS, Stake, focus
from app.reports.leaving import Left, largest
from app.reports.migration import Move, balances
from app.science.rfm import Group


@pytest.mark.requirement(103)
def test_the_two_groups_with_the_most_money_at_risk_come_first() -> None:
    found = focus(
        [
            Stake("loyal", at_risk=10, mean_spent_minor=9_000),
            Stake("at-risk", at_risk=50, mean_spent_minor=4_000),
            Stake("lost", at_risk=100, mean_spent_minor=800),
            Stake("champions", at_risk=0, mean_spent_minor=50_000),
            Stake("leaving", at_risk=900, mean_spent_minor=9_000),
        ]
    )

    assert [(one.slug, one.minor) for one in found] == [("at-risk", 200_000), ("loyal", 90_000)]
    assert len(GROUPS) == len(Group)
    assert focus([Stake("lost", 0, 500)]) == []


_NAMES = st.sampled_from([*Group, None])


@given(st.lists(st.builds(Move, _NAMES, _NAMES, st.integers(1, 50)), max_size=20))
def test_what_groups_gain_and_lose_is_what_came_from_outside_and_went_there(
    moves: list[Move],
) -> None:
    net = sum(one.net for one in balances(moves, Group))
    came = sum(move.people for move in moves if move.was is None)
    went = sum(move.people for move in moves if move.became is None)

    assert net == came - went


def test_the_small_ones_are_told_as_one() -> None:
    found = largest([Left(name, 1, 1, 0) for name in "abc"] + [Left("d", 5, 0, 2)], most=2)

    assert found == (Left("d", 5, 0, 2), Left("a", 1, 1, 0), Left(None, 2, 2, 0))
