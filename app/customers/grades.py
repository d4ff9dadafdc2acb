"""Grades, silence and stage of many people in SQL: the rules of `science.rfm` and
`customers.stages`, over a whole store or a part of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from app.customers import spending
from app.customers.lately import Meant
from app.customers.leads import Scheme, scheme_of
from app.customers.moves import NEW_SINCE
from app.customers.stages import LEAVING, NEW_DAYS, Inactivity, Stage
from app.models import Customer
from app.models.rows import STORE, table_of
from app.science.rfm import GRADES, GROUPS, Bounds, Group
from app.stores.settings import LeadRules

_MOMENT = DateTime(timezone=True)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a store's people are measured by. `fifths`: the least minor units of each grade of money
    above the first; none while nobody has bought. `silent_days`: see `stages.SILENT_DAYS`. `lead`:
    what is counted of a lead. `low_score`: a score up to it is a low one. `money_days`: how far
    back money counts, 0 for ever."""

    bounds: Bounds
    fifths: tuple[int, ...]
    silent_days: tuple[int, ...]
    lead: Scheme = field(default_factory=lambda: scheme_of(LeadRules()))
    low_score: int = 5
    money_days: int = 0


def asked(measure: Measure, now: datetime) -> dict[str, Any]:
    """The parameters of a statement that grades."""
    return {
        "recency": _moments(measure.bounds.recency, now),
        "frequency": list(measure.bounds.frequency),
        "fifths": list(measure.fifths),
        "silent": _moments(measure.silent_days, now),
        "new_since": now - timedelta(days=NEW_DAYS),
        **spending.asked(measure.money_days, now),
    }


def _moments(days: Iterable[int], now: datetime) -> list[datetime]:
    """Where each of these numbers of days begins to be less, the longest ago first: whole days
    compared as moments, so that nothing is worked out for each person."""
    return sorted(now - timedelta(days=number) + _TICK for number in days)


def _reached(value: Any, bounds: str, kind: Any) -> ColumnElement[int]:
    """How many of these bounds `value` has reached."""
    return func.width_bucket(value, bindparam(bounds, type_=ARRAY(kind)))


def words(names: Iterable[str]) -> Any:
    """Our own names as an array in the statement's text, whose items have places from 1 on."""
    return literal_column(f"('{{{','.join(names)}}}'::text[])", ARRAY(Text))


def money(spent: Any = Customer.spent_minor) -> ColumnElement[int | None]:
    """The grade of what somebody has spent; None where they never bought."""
    return case((Customer.orders_count > 0, 1 + _reached(spent, "fifths", BigInteger)))


def _graded(meant: Meant, own: Iterable[Any], looks_back: bool) -> Any:
    source: Any = table_of(Customer)
    spent: Any = Customer.spent_minor
    if looks_back:
        since = spending.spent_lately(meant)
        source = source.outerjoin(since, since.c.customer_id == Customer.customer_id)
        spent = func.coalesce(since.c.spent, 0)
    bought = Customer.orders_count > 0
    recent = _reached(Customer.last_order_at, "recency", _MOMENT)
    often = _reached(Customer.orders_count, "frequency", Integer)
    return (
        select(
            Customer.customer_id,
            Customer.orders_count,
            Customer.first_order_at,
            Customer.last_order_at,
            case((bought, 1 + recent)).label("recency"),
            case((bought, 1 + often)).label("frequency"),
            money(spent).label("money"),
            _reached(Customer.last_active_at, "silent", _MOMENT).label("heard"),
            *own,
        )
        .select_from(source)
        .where(
            Customer.store_id == STORE,
            Customer.erased_at.is_(None),
            *meant(Customer.customer_id),
        )
        # So that each grade is worked out once, and not wherever it is named.
        .offset(0)
        .subquery("graded")
    )


def named(meant: Meant, own: Iterable[Any] = (), *, looks_back: bool = False) -> Any:
    """Everybody who is meant: grades with the name of their code, silence, and what else of the
    customer's row is their `own`. `looks_back`: money counts for `Measure.money_days`."""
    graded = _graded(meant, own, looks_back)
    code = (graded.c.recency - 1) * GRADES**2 + (graded.c.frequency - 1) * GRADES + graded.c.money
    return (
        select(
            graded,
            words(GROUPS)[code].label("rfm_group"),
            words(Inactivity)[len(Inactivity) - graded.c.heard].label("inactivity"),
        )
        .offset(0)
        .subquery("named")
    )


def staged(meant: Meant, own: Iterable[Any], *, looks_back: bool) -> Any:
    """The same with `stages.stage_of`."""
    people = named(meant, own, looks_back=looks_back)
    silent, never_bought = people.c.inactivity, people.c.orders_count == 0
    is_new = and_(people.c.orders_count == 1, people.c.first_order_at > NEW_SINCE)
    stage = case(
        (and_(never_bought, silent.is_(None)), Stage.PROSPECT),
        (never_bought, Stage.LEAD),
        (silent.in_(sorted(LEAVING)), Stage.AT_RISK),
        (people.c.rfm_group == Group.CHAMPIONS, Stage.CHAMPION),
        (people.c.rfm_group == Group.LOYAL, Stage.LOYAL),
        (is_new, Stage.NEW),
        else_=Stage.REGULAR,
    )
    return select(people, stage.label("stage")).subquery("staged")
