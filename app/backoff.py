"""How long to wait before something is tried again. Pure."""

from datetime import timedelta


def backoff(attempts: int, first: timedelta, longest: timedelta) -> timedelta:
    """`first` after the first attempt, twice as long after each more, at most `longest`."""
    doubled: timedelta = first * 2 ** min(max(attempts - 1, 0), 16)
    return min(doubled, longest)
