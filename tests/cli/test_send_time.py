"""`comeback science send-time`: the best hour beside a random one, with an interval or the size."""

from uuid import UUID

import pytest

from app.science.rates import people_needed, rate_difference
from tests.cli.conftest import Run
from tests.conftest import Clock
from tests.fakes.hours import sent


@pytest.fixture(autouse=True)
def _still(clock: Clock) -> None:
    """Days are counted from a moment that stands still."""


@pytest.mark.requirement(111)
def test_the_best_hour_stands_beside_the_random_one_with_newcombes_interval(
    run: Run, store_id: UUID
) -> None:
    sent(store_id, ("best_hour", 60, 120), ("random_hour", 30, 100))
    sent(store_id, ("best_hour", 9, 9), days_ago=1)  # May still be answered.

    told = run("science", "send-time", "--store", str(store_id)).output

    interval = rate_difference((60, 120), (30, 100))
    assert "50.0%" in told and "30.0%" in told
    assert f"{100 * interval.difference:+.2f} points" in told
    assert f"between {100 * interval.low:+.2f} and {100 * interval.high:+.2f}" in told
    assert "a clear difference" in told


def test_too_few_answers_name_how_many_it_takes(run: Run, store_id: UUID) -> None:
    nobody = run("science", "send-time", "--store", str(store_id)).output
    sent(store_id, ("best_hour", 8, 90), ("random_hour", 2, 10))

    told = run("science", "send-time", "--store", str(store_id)).output

    assert "Not enough data: 0 answers at a random hour, at least 30 are needed." in nobody
    assert "Not enough data: 2 answers at a random hour" in told
    assert f"about {people_needed(0.1, 0.2, 0.1):,} messages at a random hour" in told
