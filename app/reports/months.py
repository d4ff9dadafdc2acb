"""Calendar months by a store's own clock, counted from 1. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

COUNT = 25
"""The month that runs and two years before it."""


@dataclass(frozen=True, slots=True)
class Months:
    """When each month begins, the first first; the last of them is not over."""

    starts: tuple[datetime, ...]

    @property
    def current(self) -> int:
        return len(self.starts)

    def name(self, number: int) -> str:
        """`2026-03`."""
        return f"{self.starts[number - 1]:%Y-%m}"


def months_until(now: datetime, timezone: str, count: int = COUNT) -> Months:
    """The month of `now` and those before it, `count` altogether."""
    local = now.astimezone(ZoneInfo(timezone))
    newest = local.year * 12 + local.month - 1
    return Months(tuple(_start(newest - back, timezone) for back in reversed(range(count))))


def _start(number: int, timezone: str) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=ZoneInfo(timezone))
