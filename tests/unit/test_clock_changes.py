"""What decides about time, in every zone of the world: waits until an hour, days, months, caps."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.flows.arbiter import Taken, Wish, arrange
from app.flows.localtime import local_day, moment_of, next_time_of_day
from app.messages.context import last_whole_day
from app.offers.budget import month_start
from app.stores.settings import Caps

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
HOUR = timedelta(hours=1)
moments = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2038, 1, 1), timezones=st.just(UTC)
)
zones = st.sampled_from(ZONES)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(moments, times, zones)
@example(utc("2026-09-06T03:59"), time(0, 0), "America/Santiago")
@example(utc("2026-04-05T02:30"), time(23, 30), "America/Santiago")
@example(utc("2026-10-03T15:00"), time(2, 15), "Australia/Lord_Howe")
@example(utc("2026-04-04T14:45"), time(1, 45), "Australia/Lord_Howe")
@example(utc("2026-03-08T06:00"), time(2, 30), "America/New_York")
@example(utc("2026-10-25T00:30"), time(1, 30), "Europe/London")
@example(utc("2011-12-30T05:00"), time(10, 0), "Pacific/Apia")
@example(utc("2026-03-01T00:00"), time(5, 45), "Asia/Kathmandu")
def test_a_wait_until_an_hour_ends_within_a_day_and_at_that_hour_where_there_is_one(
    since: datetime, at: time, timezone: str
) -> None:
    until = next_time_of_day(since, at, timezone)

    assert since <= until <= since + timedelta(days=2)
    local = until.astimezone(ZoneInfo(timezone))
    if local.time() != at:
        # The clock jumps over that time: it comes as much later as the clock has jumped.
        before = (until - timedelta(days=1)).astimezone(ZoneInfo(timezone)).utcoffset()
        assert before != local.utcoffset()
    assert next_time_of_day(until, at, timezone) == until


@pytest.mark.parametrize("timezone", ZONES)
def test_every_day_of_two_years_has_one_moment_of_an_hour(timezone: str) -> None:
    at, moment, days = time(2, 30), utc("2027-03-01T00:00"), set()
    for _ in range(730):
        moment = next_time_of_day(moment, at, timezone)
        days.add(local_day(moment, timezone))
        moment += timedelta(minutes=1)

    assert len(days) == 730
    assert "2028-02-29" in days


@given(moments, zones)
@example(utc("2026-11-01T04:30"), "America/Havana")
def test_a_month_begins_once_in_every_zone_and_its_first_moment_is_its_own(
    now: datetime, timezone: str
) -> None:
    begun = month_start(now, timezone)
    first = begun.astimezone(ZoneInfo(timezone))

    assert now - timedelta(days=32) < begun <= now
    assert first.month == now.astimezone(ZoneInfo(timezone)).month
    assert (begun - timedelta(seconds=1)).astimezone(ZoneInfo(timezone)).month != first.month
    assert month_start(begun, timezone) == begun


@given(moments, st.integers(min_value=1, max_value=60 * 24 * 40), zones)
def test_the_day_a_code_is_said_to_last_is_never_later_than_it_does(
    now: datetime, minutes: int, timezone: str
) -> None:
    expires_at, zone = now + timedelta(minutes=minutes), ZoneInfo(timezone)

    last = last_whole_day(expires_at, zone, now)

    assert now.astimezone(zone).date() <= last.date() <= expires_at.astimezone(zone).date()


@given(
    st.sampled_from(
        ["America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago"]
    ),
    st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 1, 1)),
    st.times(min_value=time(8), max_value=time(20)),
)
def test_a_message_a_day_at_the_same_hour_is_never_moved_by_a_clock_change(
    timezone: str, day: date, at: time
) -> None:
    """A day of 23 hours is a day as well; one of 25 brings no second message."""
    out = [moment_of(day + timedelta(days=after), at, timezone) for after in range(3)]
    sent = [Taken(at=moment, channel="email", commercial=True) for moment in out[:1]]
    caps = Caps(email_per_day=1, promotional_per_day=1)
    for moment in out[1:]:
        (place,) = arrange([_wish(moment)], sent, caps, lambda _, wanted: wanted, moment)
        assert place.due_at == moment
        sent.append(Taken(at=moment, channel="email", commercial=True))
    (second,) = arrange([_wish(out[2] + HOUR)], sent, caps, lambda _, wanted: wanted, out[2] + HOUR)
    assert second.due_at is not None and second.due_at >= out[2] + 23 * HOUR


def _wish(moment: datetime) -> Wish:
    return Wish(
        key="mail",
        flow="story",
        channel="email",
        commercial=True,
        priority=1,
        wanted_at=moment,
        deadline_at=moment + timedelta(days=3),
    )
