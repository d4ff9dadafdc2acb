"""The recipient's own clock, safe on the nights when it is changed. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_time_of_day(since: datetime, at: time, timezone: str) -> datetime:
    """The first moment at or after `since` when it is `at` in `timezone`.

    A time the clock jumps over comes an hour later that day, a time it shows twice the first time.
    """
    day = since.astimezone(ZoneInfo(timezone)).date()
    moment = moment_of(day, at, timezone)
    return moment if moment >= since else moment_of(day + timedelta(days=1), at, timezone)


def local_day(moment: datetime, timezone: str) -> str:
    """The calendar day of `moment` in `timezone`, such as 2026-03-02."""
    return moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def moment_of(day: date, at: time, timezone: str) -> datetime:
    """When it is `at` on a day, as above; on a day that a country skipped, the next day."""
    return datetime.combine(day, at, ZoneInfo(timezone)).astimezone(UTC)
