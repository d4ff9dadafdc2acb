"""How long to wait before something is tried again. Pure."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isnan

LONGEST_ASKED = 86_400.0


def backoff(attempts: int, first: timedelta, longest: timedelta) -> timedelta:
    """`first` after the first attempt, twice as long after each more, at most `longest`."""
    doubled: timedelta = first * 2 ** min(max(attempts - 1, 0), 16)
    return min(doubled, longest)


def asked_wait(header: str | None, now: datetime) -> float | None:
    """The seconds a `Retry-After` asks for, at most a day; None when it asks for nothing.

    It is a number or a date (RFC 9110, 10.2.3); whoever stands in front of a server may write one
    where the server itself writes the other.
    """
    try:
        seconds = float(header or "")
    except ValueError:
        seconds = _until(header or "", now)
    return None if isnan(seconds) else min(max(seconds, 0.0), LONGEST_ASKED)


def _until(date: str, now: datetime) -> float:
    try:
        return (parsedate_to_datetime(date) - now).total_seconds()
    except (TypeError, ValueError):
        return float("nan")
