"""The recipient's own clock, safe on the nights when it is changed. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_time_of_day(since: datetime, at: time, timezone: str) -> datetime:
    """The first moment at or after `since` when it is `at` in `timezone`.

    A time the clock jumps over comes an hour later that day, a time it shows twice the first time.
    """
    zone = ZoneInfo(timezone)
    day = since.astimezone(zone).date()
    moment = _moment(day, at, zone)
    return moment if moment >= since else _moment(day + timedelta(days=1), at, zone)


def local_day(moment: datetime, timezone: str) -> str:
    """The calendar day of `moment` in `timezone`, such as 2026-03-02."""
    return moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
