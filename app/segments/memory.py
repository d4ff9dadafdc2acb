"""A condition asked of one person, from their snapshot and what their journey remembers. Pure.

A value that is not known makes its comparison false, whatever the operator, except `is_missing`;
`none` then turns that false into true. `sql.py` keeps the same rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.customers.snapshot import REMEMBERED_TIME, Snapshot
from app.money import major_units, minor_units
from app.segments.conditions import Condition, Leaf
from app.segments.operators import COMPARE, Kind
from app.segments.readings import Context
from app.segments.written import condition_of

_SAMENESS = ("is", "is_not", "in", "not_in")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`compared`: each comparison as written, with the value it found. Safe to store as JSON."""

    result: bool
    compared: Mapping[str, Any]


def holds(condition: Condition, snapshot: Snapshot, context: Context, now: datetime) -> Evaluation:
    """Whether `condition` is true of a person now. Nothing is true of an erased person."""
    if snapshot.erased:
        return Evaluation(False, {"customer.erased": True})
    compared: dict[str, Any] = {}
    result = _holds(condition, _Asked(snapshot, context, now, compared))
    return Evaluation(result, compared)


@dataclass(frozen=True, slots=True)
class _Asked:
    snapshot: Snapshot
    context: Context
    now: datetime
    compared: dict[str, Any]


def _holds(condition: Condition, asked: _Asked) -> bool:
    if isinstance(condition, Leaf):
        return _leaf_holds(condition, asked)
    # Every part is looked at, also after the answer is known: the record shows them all.
    answers = [_holds(part, asked) for part in condition.parts]
    if condition.kind == "all":
        return all(answers)
    return any(answers) if condition.kind == "any" else not any(answers)


def _leaf_holds(leaf: Leaf, asked: _Asked) -> bool:
    value = leaf.fact.get(asked.snapshot, asked.context)
    if leaf.fact.kind is Kind.SEGMENT and value is not None:
        value = _is_in(condition_of(value), leaf, asked)
    if leaf.fact.kind is Kind.EVENT:
        value = sum(1 for moment in value if moment > asked.now - (leaf.within or REMEMBERED_TIME))
    asked.compared[leaf.wording] = _shown(value, leaf, asked.snapshot.currency)
    missing = value is None or value == ()
    if leaf.operator == "is_missing":
        return missing is leaf.value
    return not missing and _compare(leaf, value, asked)


def _is_in(condition: Condition, leaf: Leaf, asked: _Asked) -> bool:
    """A segment's condition knows nothing of the journey that asks."""
    own = replace(asked, context={}, compared={})
    result = _holds(condition, own)
    named = {f"{leaf.fact.name}: {wording}": value for wording, value in own.compared.items()}
    asked.compared.update(named)
    return result


def _compare(leaf: Leaf, value: Any, asked: _Asked) -> bool:
    kind, wanted = leaf.fact.kind, leaf.value
    if kind is Kind.MONEY:
        wanted = minor_units(str(wanted), asked.snapshot.currency)
    if kind is Kind.MOMENT:
        return bool(moment_compares(leaf.operator, value, wanted, asked.now))
    if kind is Kind.LIST:
        return _lists_compare(leaf.operator, set(value), wanted)
    if kind is Kind.EVENT:
        return bool(value >= wanted if leaf.operator == "count_at_least" else value <= wanted)
    if kind is Kind.ANY:
        return _any_compares(leaf.operator, value, wanted)
    return _scalars_compare(leaf.operator, value, wanted)


def _scalars_compare(operator: str, value: Any, wanted: Any) -> bool:
    if operator == "in":
        return value in wanted
    if operator == "not_in":
        return value not in wanted
    if operator == "starts_with":
        return str(value).startswith(wanted)
    return bool(COMPARE[operator](value, wanted))


def moment_compares(operator: str, value: Any, wanted: Any, now: datetime) -> Any:
    """For a Python moment and for a column alike. A length of time counts back from `now`."""
    edge = now - wanted if isinstance(wanted, timedelta) else wanted
    if operator == "within":
        return value > edge
    if operator == "since":
        return value >= edge
    return value <= edge if isinstance(wanted, timedelta) else value < edge


def _lists_compare(operator: str, values: set[str], wanted: Any) -> bool:
    return values.issuperset(wanted) if operator == "includes_all" else bool(values & set(wanted))


def _any_compares(operator: str, value: Any, wanted: Any) -> bool:
    """A journey's value is whatever a step left: one that is no number is never more or less."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Decimal(str(value))
    elif operator not in _SAMENESS:
        return False
    return _scalars_compare(operator, value, wanted)


def _shown(value: Any, leaf: Leaf, currency: str) -> Any:
    if value is None or value == ():
        return None
    if leaf.fact.personal:
        return "known"
    if leaf.fact.kind is Kind.MONEY:
        return f"{major_units(value, currency)} {currency}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [str(item) for item in value[:20]]
    return value if isinstance(value, bool | int | float | str) else str(value)
