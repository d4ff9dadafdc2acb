"""Lengths of time as a merchant writes them (``90 minutes``, ``60 days``). Never calendar months,
whose length depends on the day they start.
"""

import re
from datetime import timedelta

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_PATTERN = re.compile(r"\s*(\d{1,6})\s*([a-z]+?)s?\s*", re.IGNORECASE)
_LONGEST = timedelta(days=3_650)


def parse_duration(text: object) -> timedelta:
    """`text` as a length of time. Raises ValueError with the way to write it."""
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    unit = _SECONDS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise ValueError(
            f"{text!r} is not a length of time; write a number and minutes, hours, days or weeks,"
            " like 60 days"
        )
    length = timedelta(seconds=int(match[1]) * unit)
    if length > _LONGEST:
        raise ValueError(f"{text!r} is longer than ten years")
    return length
