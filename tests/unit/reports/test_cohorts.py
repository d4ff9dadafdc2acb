"""Months that are not over are not known, and everybody counts by the month they first bought."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.reports.cohorts import AFTER, Cell, group, groups
from app.reports.months import months_until


def test_a_month_that_is_not_over_is_not_known_and_never_nobody() -> None:
    cells = [Cell("tea", 1, 0, 10, 1_000), Cell("tea", 1, 1, 5, 500)]

    (of_three_months,) = groups(cells, current=4)

    assert of_three_months.again == (0.5, 0.0, None, None, None)
    assert of_three_months.spent_minor == (150.0, 150.0, None, None, None)


def test_people_whose_month_is_not_over_are_left_out_of_a_share_and_of_a_mean() -> None:
    old, young = Cell("tea", 1, 0, 10, 1_000), Cell("tea", 3, 0, 90, 90_000)

    (found,) = groups([old, young, Cell("tea", 1, 2, 5, 300)], current=4)

    assert found.people == 100
    assert found.again[:2] == (0.0, 0.5)
    assert found.spent_minor[:2] == (100.0, 130.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.integers(1, 5), st.lists(st.integers(0, 20), max_size=9)
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 20),
)
def test_shares_lie_between_none_and_all_and_spending_never_falls_within_a_cohort(
    cohorts: list[tuple[str, int, list[int]]], current: int
) -> None:
    cells = [
        Cell(label, cohort, after, min(20, buyers), buyers * 100)
        for label, cohort, later in cohorts
        for after, buyers in enumerate([20, *later])
    ]

    for one in groups(cells, current):
        assert all(share is None or 0 <= share <= 1 for share in one.again)
    for cohort in {cell.cohort for cell in cells}:
        own = [cell for cell in cells if cell.cohort == cohort]
        known = [mean for mean in group(None, own, current).spent_minor if mean is not None]
        assert known == sorted(known)
        assert len(known) == sum(cohort + after < current for after in AFTER)


def test_a_month_begins_by_the_clock_of_the_store() -> None:
    months = months_until(datetime(2026, 3, 31, 22, 30, tzinfo=UTC), "Europe/Rome")

    assert months.name(months.current) == "2026-04"
    assert months.name(1) == "2024-04"
    assert months.starts[-1].astimezone(UTC) == datetime(2026, 3, 31, 22, tzinfo=UTC)
