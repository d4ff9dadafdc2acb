"""The condition language: nested `all`, `any`, `none` over leaves `{fact: {operator: value}}`.

Reads what YAML gave and says exactly what is wrong and how to put it right; evaluates nothing.
`docs/conditions.md` is the reader's page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from app.customers.snapshot import REMEMBERED_TIME
from app.errors import InvalidInput
from app.segments.durations import parse_duration
from app.segments.fact import Fact
from app.segments.facts import FACTS, FAMILIES, find_fact
from app.segments.operators import OPERATORS, Kind, Value
from app.segments.uncounted import INSTEAD

GROUPS = ("all", "any", "none")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison. `within` bounds how far back an event counts."""

    fact: Fact
    operator: str
    value: Value
    within: timedelta | None = None
    wording: str = ""
    """The comparison as it was written, for records and error messages."""
    where: str = field(default="", compare=False)
    """Its place in the file."""


@dataclass(frozen=True, slots=True)
class Group:
    """`kind` is one of GROUPS."""

    kind: str
    parts: tuple["Condition", ...]


Condition = Leaf | Group


class ConditionError(InvalidInput):
    """A condition that cannot be read. `line` is the file's, where the raw value knew it."""

    def __init__(self, field: str, problem: str, line: int | None = None) -> None:
        super().__init__(field, f"line {line}: {problem}" if line else problem)
        self.line = line


def parse_condition(raw: Any, where: str) -> Condition:
    """`raw` as a condition; `where` is its place in the file, for the error. Raises InvalidInput"""
    return _parse(raw, where, _line(raw), 1)


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every comparison in `condition`, in the order it was written."""
    if isinstance(condition, Leaf):
        yield condition
        return
    for part in condition.parts:
        yield from leaves(part)


def needs_journey(condition: Condition) -> bool:
    """Whether only someone inside a flow can be asked, so that no set can be made of it."""
    return any(leaf.fact.column is None and leaf.fact.overlap is None for leaf in leaves(condition))


def _parse(raw: Any, where: str, line: int | None, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise ConditionError(where, f"conditions nest deeper than {_DEEPEST} levels", line)
    if not isinstance(raw, Mapping) or not raw:
        raise ConditionError(
            where,
            "a condition is all:, any: or none: with a list, or a fact like"
            " customer.orders_count: {at_least: 1}",
            line,
        )
    keys = [str(key) for key in raw]
    if not any(key in GROUPS for key in keys):
        return _parse_leaf(raw, where, line)
    for key in keys:
        if key not in GROUPS:
            raise ConditionError(
                f"{where}.{key}",
                f"put {key} as an item into the list under all:, any: or none:",
                _line(raw, key) or line,
            )
    groups = tuple(_parse_group(raw, key, where, depth) for key in keys)
    return groups[0] if len(groups) == 1 else Group("all", groups)


def _parse_group(raw: Mapping[str, Any], key: str, where: str, depth: int) -> Group:
    items, line = raw[key], _line(raw, key)
    if not isinstance(items, list | tuple) or not items:
        raise ConditionError(f"{where}.{key}", "must be a list with at least one condition", line)
    return Group(
        key,
        tuple(
            _parse(item, f"{where}.{key}[{place}]", _line(items, place) or line, depth + 1)
            for place, item in enumerate(items)
        ),
    )


def _parse_leaf(raw: Mapping[str, Any], where: str, line: int | None) -> Condition:
    if len(raw) > 1:
        raise ConditionError(where, "name one fact here, and give each its own list item", line)
    name = str(next(iter(raw)))
    where, line = f"{where}.{name}", _line(raw, name) or line
    if name in INSTEAD:
        raise ConditionError(where, f"{name} is never counted; ask {INSTEAD[name]}", line)
    fact = find_fact(name)
    if fact is None:
        raise ConditionError(where, f"there is no fact {name!r}{_unknown_fact(name)}", line)
    asked = raw[name]
    if not isinstance(asked, Mapping) or not asked:
        example = next(iter(OPERATORS[fact.kind]))
        raise ConditionError(where, f"write an operator, like {name}: {{{example}: ...}}", line)
    comparisons = _comparisons(fact, asked, where, line)
    return comparisons[0] if len(comparisons) == 1 else Group("all", tuple(comparisons))


def _comparisons(fact: Fact, asked: Mapping[str, Any], where: str, line: int | None) -> list[Leaf]:
    within = None
    if fact.kind is Kind.EVENT and "within" in asked:
        try:
            within = parse_duration(asked["within"])
        except ValueError as error:
            raise ConditionError(f"{where}.within", str(error), line) from error
        if within > REMEMBERED_TIME:
            raise ConditionError(
                f"{where}.within", f"events are kept in mind for {REMEMBERED_TIME.days} days", line
            )
    found = [
        _comparison(fact, str(name), raw, where, _line(asked, name) or line)
        for name, raw in asked.items()
        if not (within and name == "within")
    ]
    if not found:
        raise ConditionError(where, "say how often: count_at_least or count_at_most", line)
    ending = f" within {asked['within']}" if within else ""
    return [
        Leaf(fact, name, value, within, f"{fact.name} {name} {written}{ending}", where)
        for name, value, written in found
    ]


def _comparison(
    fact: Fact, name: str, raw: Any, where: str, line: int | None
) -> tuple[str, Value, str]:
    readers = OPERATORS[fact.kind]
    if name not in readers:
        raise ConditionError(
            f"{where}.{name}",
            f"{fact.name} ({fact.kind}) has no operator {name!r}{_nearest(name, list(readers))};"
            f" it knows {', '.join(readers)}",
            line,
        )
    try:
        value = fact.spell(readers[name](raw))
        _check_choices(fact, value)
    except ValueError as error:
        raise ConditionError(f"{where}.{name}", str(error), line) from error
    return name, value, _written(raw)


def _check_choices(fact: Fact, value: Value) -> None:
    for text in value if isinstance(value, tuple) else (value,):
        if fact.choices and isinstance(text, str) and text not in fact.choices:
            raise ValueError(
                f"{text!r} is not possible{_nearest(text, list(fact.choices))};"
                f" choose from {', '.join(fact.choices)}"
            )


def _written(raw: Any) -> str:
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, list | tuple):
        return ", ".join(str(item) for item in raw)
    return str(raw)


def _unknown_fact(name: str) -> str:
    close = _nearest(name, [*FACTS, *(f"{family}NAME" for family in FAMILIES)])
    return close or "; docs/conditions.md lists them all"


def _nearest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f", did you mean {close[0]!r}?" if close else ""


def _line(raw: Any, key: Any = None) -> int | None:
    """The line of `raw` or of its `key`, when the reader of the file left it there (ruamel)."""
    marks = getattr(raw, "lc", None)
    if marks is None:
        return None
    if key is None:
        return int(marks.line) + 1 if marks.line is not None else None
    place = (marks.data or {}).get(key)
    return int(place[0]) + 1 if place else None
