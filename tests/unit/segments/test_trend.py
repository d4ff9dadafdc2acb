import pytest

from app.segments.trend import Trend, trend_of


@pytest.mark.requirement(42)
@pytest.mark.parametrize(
    ("before", "people", "trend"),
    [
        (None, 5, Trend.NEW),
        (0, 0, Trend.LEVEL),
        (0, 2, Trend.LEVEL),
        (0, 3, Trend.UP),
        (3, 0, Trend.DOWN),
        (1_000, 1_049, Trend.LEVEL),
        (1_000, 1_050, Trend.UP),
        (1_000, 950, Trend.DOWN),
    ],
)
def test_a_trend_is_more_than_noise(before: int | None, people: int, trend: Trend) -> None:
    assert trend_of(people, before) is trend
