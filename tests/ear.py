"""Listening to everything the app logs: whatever looks like somebody's address or number is a slip.

Names cannot be told from words, so they are looked for only where the people are known
(`journeys.overheard`).
"""

import re
import sys
from io import StringIO

_MAIL = r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"
_NUMBER = r"(?:(?<![\w.+-])\+|%2B)[1-9]\d{7,14}(?!\d)"
_PERSONAL = re.compile(f"{_MAIL}|{_NUMBER}")


def addresses_in(said: str) -> list[str]:
    """Every e-mail address and telephone number in what was said."""
    return _PERSONAL.findall(said)


class Ear(StringIO):
    """A stream for `logs.configure`. Errors are passed on to where a failed test shows them."""

    def write(self, text: str) -> int:
        if '"level": "error"' in text or '"level": "critical"' in text:
            sys.stderr.write(f"{text}\n")
        return super().write(text)
