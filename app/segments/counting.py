"""All segments of a store counted in one statement, which reads each table once for all of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Subquery, and_, func, select
from sqlalchemy.orm import Session

from app.customers.without_loops import of_everybody
from app.models import Customer, Segment, Store
from app.segments.bits import is_set, packed
from app.segments.conditions import Condition
from app.segments.predicted import risk_column
from app.segments.risk import at_risk
from app.segments.scope import Scope
from app.segments.sql import clause, scope_of
from app.segments.written import condition_of

PASS = 100
"""Segments of one statement: five columns each, and PostgreSQL has room for 1,600."""
_FIGURES = 5
_INSIDE = "inside_"


def count(
    session: Session, store: Store, found: Sequence[Segment], now: datetime
) -> list[dict[str, Any]]:
    """The figures of each of these segments, at most PASS of them."""
    with of_everybody(session):
        row = session.execute(counting(session, store, found, now)).one()
    return [_figures(row, place) for place in range(len(found))]


def counting(
    session: Session, store: Store, found: Sequence[Segment], now: datetime
) -> Select[Any]:
    """One row with five figures for each segment: people, what they have spent, who is at risk, and
    what is predicted of how many of them, added up.

    People who are in the same segments are put together first, so that each condition is asked once
    of each person.
    """
    conditions = [condition_of(each.written) for each in found]
    groups = _alike(scope_of(session, store, now, conditions), conditions)
    numbers = [column for column in groups.c if column.name.startswith(_INSIDE)]
    columns = []
    for place in range(len(found)):
        here = is_set(numbers, place)
        columns += [
            func.sum(groups.c.people).filter(here),
            func.sum(groups.c.spent).filter(here),
            func.sum(groups.c.people).filter(and_(here, groups.c.risky)),
            func.sum(groups.c.predicted).filter(here),
            func.sum(groups.c.risk).filter(here),
        ]
    return select(*columns)


def _alike(scope: Scope, conditions: Sequence[Condition]) -> Subquery:
    """A row for all people who are in the same segments."""
    inside = packed([clause(each, scope) for each in conditions])
    alike: list[Any] = [
        *(each.label(f"{_INSIDE}{number}") for number, each in enumerate(inside)),
        at_risk(scope).label("risky"),
    ]
    risk, spent = risk_column(scope).label("risk"), Customer.spent_minor.label("spent")
    asked = (
        select(*alike, risk, spent)
        .select_from(scope.source())
        .where(*scope.customers())
        .subquery("asked")
    )
    same = [asked.c[each.name] for each in alike]
    sums = (
        func.count().label("people"),
        func.sum(asked.c.spent).label("spent"),
        func.count(asked.c.risk).label("predicted"),
        func.sum(asked.c.risk).label("risk"),
    )
    return select(*same, *sums).group_by(*same).subquery("groups")


def _figures(row: Row[Any], place: int) -> dict[str, Any]:
    own = row[_FIGURES * place : _FIGURES * (place + 1)]
    people, spent, risky, predicted = (int(each or 0) for each in own[:4])
    return {
        "people": people,
        "mean_spent_minor": round(spent / people) if people else None,
        "at_risk": risky,
        "predicted": predicted,
        "churn_risk": round(own[4] / predicted, 1) if predicted else None,
    }
