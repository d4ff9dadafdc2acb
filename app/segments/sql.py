"""A condition as one SELECT over a store's customers: the people it is true of now.

A value that is not known makes its comparison false, see `memory.py`. SQL's NULL does the same
through AND, OR and WHERE; only before a NOT it has to be turned into false by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from app.customers.snapshots import read_segments
from app.errors import InvalidInput
from app.models import Customer, Store
from app.money import minor_units
from app.segments.conditions import Condition, Group, Leaf, leaves
from app.segments.memory import moment_compares
from app.segments.operators import COMPARE, Kind
from app.segments.scope import Scope, Windows
from app.segments.written import condition_of


def matching(
    session: Session,
    condition: Condition,
    store: Store,
    now: datetime,
    people: Sequence[UUID] | None = None,
) -> Select[UUID]:
    """The ids of the customers of `store`, or of those among `people`, for whom `condition` is true
    at `now`."""
    scope = replace(scope_of(session, store, now, [condition]), people=people)
    parts = list(_conjuncts(condition, scope))
    alone = [part for part in parts if _needs_no_other(part, scope)]
    scope = replace(scope, meant=tuple(clause(part, scope) for part in alone))
    rest = [clause(part, scope) for part in parts if part not in alone]
    return select(Customer.customer_id).select_from(scope.source()).where(*scope.customers(), *rest)


def scope_of(
    session: Session, store: Store, now: datetime, conditions: Iterable[Condition]
) -> Scope:
    """Everybody in a store; its segments are read where one is named."""
    asked = [leaf for condition in conditions for leaf in leaves(condition)]
    names = any(leaf.fact.kind is Kind.SEGMENT for leaf in asked)
    return Scope(
        store_id=store.store_id,
        currency=store.currency,
        locale=store.locale,
        now=now,
        segments=read_segments(session) if names else {},
        windows=_windows(asked),
    )


def _windows(asked: Iterable[Leaf]) -> dict[str, Windows]:
    """Each once, so that all of an act are counted in one look."""
    found: dict[str, Windows] = {}
    for leaf in asked:
        if leaf.fact.kind is Kind.EVENT and leaf.within not in found.get(_act(leaf), ()):
            found[_act(leaf)] = (*found.get(_act(leaf), ()), leaf.within)
    return found


def _act(leaf: Leaf) -> str:
    return leaf.fact.name.partition(".")[2]


def _conjuncts(condition: Condition, scope: Scope) -> Iterator[Condition]:
    """What must all be true, each for itself."""
    if isinstance(condition, Group) and condition.kind == "all":
        for part in condition.parts:
            yield from _conjuncts(part, scope)
    elif (meaning := _meaning(condition, scope)) is not None:
        yield from _conjuncts(meaning, scope)
    else:
        yield condition


def _meaning(condition: Condition, scope: Scope) -> Condition | None:
    """The condition of a segment that people must be in."""
    if isinstance(condition, Group) or condition.fact.kind is not Kind.SEGMENT:
        return None
    assert condition.fact.column is not None
    written = condition.fact.column(scope)
    return condition_of(written) if written is not None and condition.value else None


def _needs_no_other(part: Condition, scope: Scope) -> bool:
    """Whether the customer's own row answers it: then it says who can still be meant."""
    tried = replace(scope, joined={})
    clause(part, tried)
    return not tried.joined


def clause(condition: Condition, scope: Scope) -> Any:
    """`condition` as a part of a WHERE. What it needs of other tables the scope joins."""
    if isinstance(condition, Leaf):
        return _leaf(condition, scope)
    parts = [clause(part, scope) for part in condition.parts]
    if condition.kind == "all":
        return and_(*parts)
    if condition.kind == "any":
        return or_(*parts)
    return not_(func.coalesce(or_(*parts), False))


def _leaf(leaf: Leaf, scope: Scope) -> Any:
    if leaf.fact.overlap is not None:
        return _list_leaf(leaf, scope)
    if leaf.fact.column is None:
        raise InvalidInput(leaf.fact.name, "is only known inside a flow, not for a set of people")
    column = leaf.fact.column(scope)
    if leaf.fact.kind is Kind.SEGMENT:
        return _segment(leaf, column, scope)
    if leaf.operator == "is_missing":
        return column.is_(None) if leaf.value else column.is_not(None)
    return _compare(leaf, column, scope)


def _segment(leaf: Leaf, written: str | None, scope: Scope) -> Any:
    """A segment that is not there is not known: nobody is in it, and nobody outside."""
    if written is None:
        return false()
    inside = clause(condition_of(written), scope)
    return inside if leaf.value else not_(func.coalesce(inside, False))


def _list_leaf(leaf: Leaf, scope: Scope) -> ColumnElement[bool]:
    assert leaf.fact.overlap is not None
    if leaf.operator == "is_missing":
        found = leaf.fact.overlap(scope, None)
        return not_(found) if leaf.value else found
    assert isinstance(leaf.value, tuple)
    wanted = [str(value) for value in leaf.value]
    if leaf.operator == "includes":
        return leaf.fact.overlap(scope, wanted)
    return and_(*(leaf.fact.overlap(scope, [value]) for value in wanted))


def _compare(leaf: Leaf, column: Any, scope: Scope) -> Any:
    kind, wanted = leaf.fact.kind, leaf.value
    if kind is Kind.MOMENT:
        return moment_compares(leaf.operator, column, wanted, scope.now)
    if kind is Kind.EVENT:
        count = column(leaf.within)
        return count >= wanted if leaf.operator == "count_at_least" else count <= wanted
    if kind is Kind.MONEY:
        wanted = minor_units(str(wanted), scope.currency)
    if isinstance(wanted, Decimal) and wanted == wanted.to_integral_value():
        wanted = int(wanted)  # An index on a whole number is of no use to a decimal one.
    if leaf.operator == "in":
        return column.in_(wanted)
    if leaf.operator == "not_in":
        return column.not_in(wanted)
    if leaf.operator == "starts_with":
        return func.starts_with(column, wanted)
    return COMPARE[leaf.operator](column, wanted)
