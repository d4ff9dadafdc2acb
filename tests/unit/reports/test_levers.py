"""Lifetime value and what moves it follow from the store's own years, and from no constant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.levers import FEWEST, Lever, Year, moved, ratio, worth_minor

LOYAL = Year(before=1_000, again=800, buyers=500, orders=1_500, spent_minor=6_000_000)
FLEETING = Year(before=1_000, again=100, buyers=500, orders=1_500, spent_minor=6_000_000)


@given(st.integers(FEWEST, 10_000), st.data())
def test_lifetime_value_is_the_sum_over_all_years(before: int, data: st.DataObject) -> None:
    again = data.draw(st.integers(0, before * 9 // 10))
    year = Year(before, again, buyers=500, orders=1_000, spent_minor=4_000_000)

    summed = sum(4_000 * 2 * year.retention**passed for passed in range(500))

    assert worth_minor(year) == pytest.approx(summed)


@pytest.mark.requirement(95)
def test_what_retention_is_worth_depends_on_how_many_stay_already() -> None:
    change = {
        name: {one.lever: one.change for one in moved(year)}
        for name, year in (("loyal", LOYAL), ("fleeting", FLEETING))
    }

    assert change["loyal"][Lever.RETENTION] == pytest.approx(1 / 3)
    assert change["fleeting"][Lever.RETENTION] == pytest.approx(0.9 / 0.85 - 1)
    assert change["loyal"][Lever.BASKET] == pytest.approx(0.05)
    assert change["loyal"][Lever.FREQUENCY] == pytest.approx(0.05)
    assert moved(LOYAL)[0].lever is Lever.RETENTION


def test_the_ratio_is_value_to_cost_and_there_is_none_without_a_cost() -> None:
    assert worth_minor(LOYAL) == pytest.approx(60_000)
    assert ratio(LOYAL, 20_000) == pytest.approx(3)
    assert ratio(LOYAL, None) is None
    assert ratio(Year(before=FEWEST - 1, buyers=1, orders=1), 20_000) is None


def test_a_share_of_few_people_or_of_all_is_not_taken_for_retention() -> None:
    assert not Year(before=FEWEST - 1, again=10, buyers=10, orders=10).is_known
    assert not Year(before=FEWEST, again=FEWEST, buyers=FEWEST, orders=300).is_known
    assert Year(before=FEWEST, again=0, buyers=1, orders=1).is_known
    assert Lever.RETENTION not in {one.lever for one in moved(Year(1_000, 960, 960, 960, 960))}
