"""What an act carries: a few flat values, small enough to stand in every journey they begin."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.errors import MalformedPayload
from app.jsontext import storable

MOST = 20
LONGEST = 500
SCORE = "score_given"
_LARGEST = 10**15
"""Past it a number is not exact everywhere it is read."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
_SCORES = range(11)

Value = str | int | float | bool


def values_in(told: Any, act: str) -> Mapping[str, Value]:
    """The values of one act of this name. Raises MalformedPayload."""
    if told is None:
        told = {}
    if not isinstance(told, dict) or len(told) > MOST:
        raise MalformedPayload(f".values: give an object of {MOST} values at most")
    found = {_name(name): _value(name, value) for name, value in told.items()}
    if act == SCORE and not _is_score(found.get("value")):
        raise MalformedPayload(".values.value: a score is a whole number from 0 to 10")
    return found


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise MalformedPayload(".values: names have small letters, digits and _, a letter first")
    return name


def _value(name: str, value: Any) -> Value:
    if isinstance(value, str) and len(value) <= LONGEST:
        return storable(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal) and _is_small(value):
        return value if isinstance(value, int) else float(value)
    raise MalformedPayload(
        f".values.{name}: give a text of {LONGEST} characters at most, a number, true or false"
    )


def _is_small(value: int | Decimal) -> bool:
    exact = Decimal(value)
    return exact.is_finite() and abs(exact) <= _LARGEST


def _is_score(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _SCORES
