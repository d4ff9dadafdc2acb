"""How long a silence may be: learnt from each shop's own hours, calm for the quiet ones."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.stores.heartbeat import HOURS, Expected, Rhythm, begin, expect, heard

MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
WEEKS = timedelta(weeks=8)


def week_of(rate: Callable[[int, int], float], seed: int, weeks: int = 8) -> list[datetime]:
    """Arrivals before MONDAY: `rate` is how many an hour, by day of the week and hour."""
    dice, found = random.Random(seed), []
    for hour in range(weeks * HOURS):
        at = MONDAY - timedelta(weeks=weeks) + timedelta(hours=hour)
        expected = rate(at.weekday(), at.hour)
        while dice.random() < expected / (1 + expected):
            found.append(at + timedelta(minutes=dice.randrange(60)))
    return found


def learnt(arrivals: list[datetime], since: datetime = MONDAY - WEEKS) -> Rhythm:
    rhythm = begin(since)
    for at in arrivals:
        rhythm = heard(rhythm, at)
    return rhythm


def colour(expected: Expected, now: datetime) -> str:
    if expected.red_at and now >= expected.red_at:
        return "red"
    return "amber" if expected.amber_at and now >= expected.amber_at else "green"


def busy(day: int, hour: int) -> float:
    """A shop of some hundred orders a day, from eight to ten in the evening."""
    return 12.0 if 8 <= hour < 22 else 0.05


def office(day: int, hour: int) -> float:
    return 5.0 if day < 5 and 9 <= hour < 18 else 0.0


def three_a_week(day: int, hour: int) -> float:
    return 3 / HOURS


SIZES = (three_a_week, lambda *_: 1 / 24, lambda *_: 3 / 24, lambda *_: 10 / 24)


def test_a_busy_shop_is_amber_within_hours_and_red_within_the_day() -> None:
    last = MONDAY + timedelta(hours=10)
    expected = expect(learnt(week_of(busy, 1)), last)

    assert colour(expected, last + timedelta(hours=1)) == "green"
    assert colour(expected, last + timedelta(hours=4)) == "amber"
    assert colour(expected, last + timedelta(hours=8)) == "red"


def test_a_night_is_no_gap_even_for_a_busy_shop() -> None:
    last = MONDAY + timedelta(hours=21, minutes=50)

    expected = expect(learnt(week_of(busy, 2)), last)

    assert colour(expected, last + timedelta(hours=10)) == "green"


@pytest.mark.parametrize(("weeks", "on_monday"), [(2, "amber"), (8, "red")])
def test_a_shop_that_keeps_office_hours_has_its_week_end(weeks: int, on_monday: str) -> None:
    begun = MONDAY - timedelta(weeks=weeks)
    last = MONDAY - timedelta(days=2, hours=6, minutes=5)

    expected = expect(learnt(week_of(office, 3, weeks), begun), last + timedelta(days=7))

    assert colour(expected, last + timedelta(days=7, hours=63)) == "green"
    assert colour(expected, last + timedelta(days=8 + 2, hours=9)) == on_monday


@pytest.mark.parametrize("seed", range(20))
def test_a_shop_of_three_orders_a_week_is_green_after_a_quiet_week(seed: int) -> None:
    arrivals = week_of(three_a_week, seed)
    last = max(arrivals)

    expected = expect(learnt(arrivals), last)

    assert colour(expected, last + timedelta(days=7)) == "green"
    assert colour(expected, last + timedelta(days=1)) == "green"


def test_of_little_shops_that_are_well_none_is_ever_red_and_hardly_one_amber() -> None:
    """Eight shops of every size, a year each, looked at before every arrival."""
    amber = looks = 0
    for seed in range(8):
        arrivals = week_of(SIZES[seed % len(SIZES)], seed, weeks=52)
        rhythm, last = begin(arrivals[0]), arrivals[0]
        for at in arrivals:
            seen = colour(expect(rhythm, last), at)
            assert seen != "red", (seed, last, at)
            amber, looks = amber + (seen == "amber"), looks + 1
            rhythm, last = heard(rhythm, at), at

    assert amber <= looks / 500


def test_nothing_is_said_of_a_shop_that_is_new_or_of_a_topic_that_is_rare() -> None:
    nothing = Expected(None, None)
    new = week_of(busy, 4, weeks=1)
    rare = [MONDAY - timedelta(days=n) for n in range(50, 0, -9)]

    assert expect(learnt(new, new[0]), new[-1]) == nothing
    assert expect(learnt(rare), rare[-1]) == nothing


def test_a_flood_in_one_hour_counts_as_one_hour() -> None:
    flood = [MONDAY + timedelta(seconds=n) for n in range(3000)]

    assert learnt(flood) == learnt(flood[:1])


def test_what_was_long_ago_is_forgotten_and_what_comes_late_is_put_in_its_place() -> None:
    old, new = MONDAY, MONDAY + timedelta(weeks=9)
    late = MONDAY + timedelta(weeks=8, hours=5)

    faded = learnt([old, new])

    assert sum(bits.bit_count() for bits in faded.hours) == 1
    assert learnt([new, late], old) == learnt([late, new], old)
    assert heard(faded, old) == faded
