"""When somebody will stand elsewhere though nothing happens: the next moment at which the passing
of time alone changes anything that `standing` works out of them.

It may be sooner than that, and then they are looked at for nothing. It must never be later: the
daily walk passes by everybody whose moment has not come.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BindParameter,
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from app.customers.lately import FULL, HALF, RECENT, SINCE
from app.customers.leads import SILENT_FOR
from app.customers.signals import SCORED_FOR
from app.customers.stages import NEW_DAYS

_HOUR = literal_column("interval '1 hour'", Interval)
"""Days of a zone can be longer or shorter than the twenty-four hours that are meant."""
NEW_SINCE = bindparam("new_since", type_=DateTime(timezone=True))
SILENT_SINCE = bindparam("lead_silent", type_=DateTime(timezone=True))
SCORED_SINCE = bindparam("scored_since", type_=DateTime(timezone=True))
_RECENCY: BindParameter[Any] = bindparam("recency_hours", type_=ARRAY(Integer))
_SILENCE: BindParameter[Any] = bindparam("silent_hours", type_=ARRAY(Integer))


def asked(recency_days: Iterable[int], silent_days: Iterable[int]) -> dict[str, Any]:
    """The parameters of a statement that tells when people move."""
    return {"recency_hours": _hours(recency_days), "silent_hours": _hours(silent_days)}


def _hours(days: Iterable[int]) -> list[int]:
    return [24 * number for number in sorted(days, reverse=True)]


def own_move(person: Any) -> ColumnElement[Any]:
    """By what the customer's own row tells. `recency` is the grade, `heard` the number of bounds of
    silence not reached yet; both are the place of the next bound in its list."""
    ordered, heard = person.last_order_at, func.coalesce(person.last_active_at, person.seen_at)
    return func.least(
        ordered + _at(_RECENCY, person.recency - 1) * _HOUR,
        person.last_active_at + _at(_SILENCE, person.heard) * _HOUR,
        _after(person.first_order_at, (NEW_SINCE, timedelta(days=NEW_DAYS))),
        _after(ordered, (RECENT, FULL), (SINCE, HALF)),
        _after(heard, (SILENT_SINCE, SILENT_FOR)),
        _after(person.score_at, (SCORED_SINCE, SCORED_FOR)),
    )


def _at(bounds: BindParameter[Any], place: Any) -> Any:
    """Brackets after a parameter alone would be read as a part of its type."""
    return func.coalesce(bounds, type_=ARRAY(Integer))[place]


def _after(at: Any, *bounds: tuple[BindParameter[Any], timedelta]) -> Any:
    """When the first of these bounds that `at` is still after will have come up with it."""
    return case(*((at > since, at + _hours_of(length) * _HOUR) for since, length in bounds))


def _hours_of(length: timedelta) -> Any:
    return literal_column(str(length // timedelta(hours=1)), Integer)


def moves_of(done: CTE) -> Any:
    """A row for each person who did something lately: when the first of it counts for less."""
    at = done.c.at
    recent = func.min(at).filter(at > RECENT) + _hours_of(FULL) * _HOUR
    before = func.min(at).filter(at <= RECENT) + _hours_of(HALF) * _HOUR
    return (
        select(done.c.customer_id, func.least(recent, before).label("at"))
        .group_by(done.c.customer_id)
        .subquery("moves")
    )
