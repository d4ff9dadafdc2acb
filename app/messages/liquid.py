"""Merchants' Liquid, strict and boxed in: what is not there is an error with its line, nothing
reads a file, and no text can run or grow without end.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError

from app.errors import InvalidInput
from app.messages.liquid_bounds import bound_filters, bounded_time

LONGEST_SOURCE = 20_000
_NO_TAGS = ("include", "render", "increment", "decrement", "ifchanged", "doc", "tablerow")
"""They read other files, remember across texts, or have no place in a message."""


_BEYOND = (ArithmeticError, ValueError, MemoryError, RecursionError)
"""What numbers and nesting without measure lead to inside the library."""


class CopyError(InvalidInput):
    """Copy that cannot be rendered. `line` counts within the field, from 1."""

    def __init__(self, field: str, problem: str, line: int | None = None) -> None:
        super().__init__(field, f"line {line}: {problem}" if line else problem)
        self.line = line
        self.sentence = problem


class _Boxed(Environment):  # type: ignore[misc]
    """Few loops, short outputs: a message is read by a person."""

    loop_iteration_limit = 1_000
    output_stream_limit = 60_000
    local_namespace_limit = 60_000
    block_nesting_limit = 10
    context_depth_limit = 12


def _environment(*, autoescape: bool) -> Environment:
    environment = _Boxed(undefined=StrictUndefined, autoescape=autoescape)
    for tag in _NO_TAGS:
        environment.tags.pop(tag, None)
    bound_filters(environment)
    return environment


_PLAIN = _environment(autoescape=False)
_HTML = _environment(autoescape=True)


def fill(field: str, source: str, context: Mapping[str, Any], *, as_html: bool = False) -> str:
    """`source` with its variables filled in; in HTML every value is escaped. Raises CopyError."""
    template = parsed(field, source, as_html=as_html)
    try:
        with bounded_time():
            return str(template.render(**context))
    except LiquidError as error:
        raise _copy_error(field, error) from error
    except _BEYOND as error:
        raise CopyError(field, "this text cannot be worked out") from error


def variables(field: str, source: str) -> Iterator[tuple[str, int]]:
    """Every variable `source` asks for, as a dotted path, with its line. Raises CopyError."""
    for uses in parsed(field, source).analyze(include_partials=False).globals.values():
        for use in uses:
            names = [str(segment) for segment in use.segments if isinstance(segment, str)]
            yield ".".join(names), source.count("\n", 0, use.span.index) + 1


def parsed(field: str, source: str, *, as_html: bool = False) -> BoundTemplate:
    if len(source) > LONGEST_SOURCE:
        raise CopyError(field, f"the text is longer than {LONGEST_SOURCE} characters")
    try:
        return _parsed(source, as_html)
    except LiquidError as error:
        raise _copy_error(field, error) from error
    except _BEYOND as error:
        raise CopyError(field, "this text cannot be read") from error


@lru_cache(maxsize=2_048)
def _parsed(source: str, as_html: bool) -> BoundTemplate:
    return (_HTML if as_html else _PLAIN).from_string(source)


def _copy_error(field: str, error: LiquidError) -> CopyError:
    try:
        place = error.context()
    except ValueError:  # The library places an error at the very end outside the text.
        place = None
    return CopyError(field, str(error.message), place[0] if place else None)
