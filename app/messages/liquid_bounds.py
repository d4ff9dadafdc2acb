"""The filters of merchants' Liquid with their bounds: what goes in and what comes out is no larger
than a message, and all of them together take no longer than a person would wait.

The library limits loops and outputs, but one filter alone can make a text of gigabytes.
"""

import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from liquid import Environment
from liquid.exceptions import FilterArgumentError

LONGEST_TEXT = 60_000
LONGEST_LIST = 1_000
CPU_SECONDS = 1.0

_until: ContextVar[float] = ContextVar("liquid_until")
_MARKS = ("with_context", "with_environment", "validate")
"""What the library looks for on a filter before it calls it."""


@contextmanager
def bounded_time() -> Iterator[None]:
    """Within it, filters may use so much of the processor and no more."""
    token = _until.set(time.thread_time() + CPU_SECONDS)
    try:
        yield
    finally:
        _until.reset(token)


def bound_filters(environment: Environment) -> None:
    """Put every filter of `environment` in its bounds."""
    for name, filter_ in environment.filters.items():
        environment.filters[name] = _bounded(name, filter_)


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    grows = _GROWS.get(name)

    def bounded(*values: Any, **named: Any) -> Any:
        if time.thread_time() > _until.get(float("inf")):
            raise FilterArgumentError("this text takes too long to work out", token=None)
        try:
            for value in values:
                _require_small(value)
            if grows is not None and grows(*values) > LONGEST_TEXT:
                raise FilterArgumentError(f"{name} makes a text that is too long", token=None)
            made = filter_(*values, **named)
        except (ArithmeticError, ValueError, MemoryError, RecursionError) as error:
            raise FilterArgumentError(f"{name} cannot work with this value", token=None) from error
        _require_small(made)
        return made

    for mark in _MARKS:
        if hasattr(filter_, mark):
            setattr(bounded, mark, getattr(filter_, mark))
    return bounded


def _require_small(value: object) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise FilterArgumentError("the text grows too long", token=None)
    elif isinstance(value, Sized) and len(value) > LONGEST_LIST:
        raise FilterArgumentError("the list is too long", token=None)


def _replaced(text: object = "", old: object = "", new: object = "", *_: object) -> int:
    return str(text).count(str(old)) * len(str(new))


def _joined(items: object = (), between: object = " ", *_: object) -> int:
    return (len(items) if isinstance(items, Sized) else 1) * len(str(between))


_GROWS: dict[str, Callable[..., int]] = {"replace": _replaced, "join": _joined}
"""The two whose output is a product of their inputs: its size is known before it is made."""
