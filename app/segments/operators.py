"""Which operators a kind of fact has, and how the value beside one is read. Never reads a fact."""

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from app.segments.durations import parse_duration


class Kind(StrEnum):
    """What a fact's value is. ANY is a value a journey carries, of whatever kind it has."""

    NUMBER = "number"
    MONEY = "money"
    TEXT = "text"
    CHOICE = "choice"
    LIST = "list"
    MOMENT = "moment"
    YES_NO = "yes or no"
    EVENT = "event"
    SEGMENT = "segment"
    ANY = "any"


Value = bool | int | Decimal | str | timedelta | datetime | tuple["Value", ...]
Reader = Callable[[Any], Value]

COMPARE: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "is": operator.eq,
        "is_not": operator.ne,
        "at_least": operator.ge,
        "at_most": operator.le,
        "more_than": operator.gt,
        "less_than": operator.lt,
    }
)
"""Operators that mean the same to a Python value and to a column of SQLAlchemy."""


def read_number(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError(f"{raw!r} is not a number")
    try:
        value = Decimal(str(raw).strip())
    except InvalidOperation as error:
        raise ValueError(f"{raw!r} is not a number") from error
    if not value.is_finite() or abs(value) >= 10**15:
        raise ValueError(f"{raw!r} is not a number we can compare")
    return value


def read_count(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 100_000:
        raise ValueError(f"{raw!r} is not a whole number of times")
    return int(raw)


def read_text(raw: Any) -> str:
    if isinstance(raw, bool):
        # YAML 1.1 reads the country code NO as "false".
        raise ValueError(f"{raw!r} is not a text; put it in quotes, like 'NO'")
    if not isinstance(raw, str | int):
        raise ValueError(f"{raw!r} is not a text")
    text = str(raw)
    if not text.strip() or "\x00" in text:
        raise ValueError("the text is empty or holds a character we cannot keep")
    return text


def read_yes_no(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(f"{raw!r} must be true or false")
    return bool(raw)


def read_any(raw: Any) -> Value:
    if isinstance(raw, bool):
        return bool(raw)
    return read_number(raw) if isinstance(raw, int | float) else read_text(raw)


def read_many(reader: Reader) -> Reader:
    """A list whose every item `reader` accepts."""

    def read(raw: Any) -> Value:
        if not isinstance(raw, list | tuple) or not raw:
            raise ValueError(f"{raw!r} must be a list with at least one item, like [IT, ES]")
        return tuple(reader(item) for item in raw)

    return read


def read_one_or_many(raw: Any) -> Value:
    return read_many(read_text)(raw if isinstance(raw, list | tuple) else [raw])


def read_moment(raw: Any) -> Value:
    """A length of time before now, or a fixed date (its midnight in UTC)."""
    if isinstance(raw, datetime):
        return raw.astimezone(UTC) if raw.tzinfo else raw.replace(tzinfo=UTC)
    if isinstance(raw, date):
        return datetime.combine(raw, time(), UTC)
    try:
        return datetime.combine(date.fromisoformat(str(raw)), time(), UTC)
    except ValueError:
        return parse_duration(raw)


def _compared_with(reader: Reader, *names: str) -> dict[str, Reader]:
    return dict.fromkeys(names, reader)


_ORDER = ("is", "is_not", "at_least", "at_most", "more_than", "less_than")
_SAME = ("is", "is_not")
_WITHIN = ("in", "not_in")
_MISSING: dict[str, Reader] = {"is_missing": read_yes_no}

OPERATORS: Mapping[Kind, Mapping[str, Reader]] = MappingProxyType(
    {
        Kind.NUMBER: {**_compared_with(read_number, *_ORDER), **_MISSING},
        Kind.MONEY: {**_compared_with(read_number, *_ORDER), **_MISSING},
        Kind.TEXT: {
            **_compared_with(read_text, *_SAME, "starts_with"),
            **_compared_with(read_many(read_text), *_WITHIN),
            **_MISSING,
        },
        Kind.CHOICE: {
            **_compared_with(read_text, *_SAME),
            **_compared_with(read_many(read_text), *_WITHIN),
            **_MISSING,
        },
        Kind.LIST: {
            "includes": read_one_or_many,
            "includes_all": read_many(read_text),
            **_MISSING,
        },
        Kind.MOMENT: {
            "before": read_moment,
            "since": read_moment,
            "within": parse_duration,
            **_MISSING,
        },
        Kind.YES_NO: {"is": read_yes_no},
        Kind.SEGMENT: {"is": read_yes_no},
        Kind.EVENT: {"count_at_least": read_count, "count_at_most": read_count},
        Kind.ANY: {
            **_compared_with(read_any, *_SAME),
            **_compared_with(read_number, *_ORDER[2:]),
            **_compared_with(read_many(read_any), *_WITHIN),
            **_MISSING,
        },
    }
)
"""Each kind's operators with the reader of their value."""
