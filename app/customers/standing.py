"""Where everybody stands: grades, silence, stage, lead score and signs of leaving, worked out by
the database in one pass.

The rules are `science.rfm`, `customers.stages`, `customers.leads` and `customers.signals`; the
database repeats them, and tests compare the two on random people. Only what has changed is written,
and each change is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, array, insert
from sqlalchemy.orm import Session

from app.customers import lately, lead_rows, signal_rows
from app.customers.lately import Meant
from app.customers.leads import Scheme, scheme_of
from app.customers.signals import ACTS
from app.customers.stages import LEAVING, NEW_DAYS, Inactivity, Stage
from app.customers.without_loops import of_everybody
from app.models import Customer, Standing, StandingChange
from app.models.rows import STORE, listed, one_of, table_of
from app.science.rfm import GRADES, GROUPS, Bounds, Group
from app.stores.settings import LeadRules
from app.tenancy import store_of

_MOMENT = DateTime(timezone=True)
NOW: BindParameter[datetime] = bindparam("now", type_=_MOMENT)
_TICK = timedelta(microseconds=1)
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
PART = 50_000
KINDS = ("rfm_group", "inactivity", "stage", "lead_tier", "risk_level")
_MOMENTS = ("group_at", "inactivity_at", "stage_at", "lead_at", "risk_at")
_SINCE = dict(zip(KINDS, _MOMENTS, strict=True))
_LATER = ("lead_tier", "risk_level")
"""What was not looked at from the beginning."""
_GRADES = ("recency", "frequency", "money")
_SIGNED_BY = ("last_order_at", "score", "score_at")
_CHANGES, _STANDINGS = table_of(StandingChange), table_of(Standing)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a store's people are measured by. `fifths`: the least minor units of each grade of money
    above the first; none while nobody has bought. `silent_days`: see `stages.SILENT_DAYS`. `lead`:
    what is counted of a lead. `low_score`: a score up to it is a low one."""

    bounds: Bounds
    fifths: tuple[int, ...]
    silent_days: tuple[int, ...]
    lead: Scheme = field(default_factory=lambda: scheme_of(LeadRules()))
    low_score: int = 5


def stand(session: Session, measure: Measure, now: datetime, people: Iterable[UUID]) -> int:
    """Bring the standing of these people up to date; how many came to stand elsewhere. The caller
    holds the store's lock (`apply.open_batch`)."""
    return _written(session, _OF_SOME, measure, now, {"people": listed(people)})


def stand_part(
    session: Session, measure: Measure, now: datetime, after: UUID = FIRST, most: int = PART
) -> tuple[int, UUID | None]:
    """The same for the next `most` people in the order of their ids; who was the last of them, and
    None when there is nobody more. In parts, so that a large store is not locked for long."""
    until = end_of_part(session, after, most)
    part = {"after": after, "until": until or LAST}
    return _written(session, _OF_PART, measure, now, part), until


def end_of_part(session: Session, after: UUID, most: int) -> UUID | None:
    """The last of the next `most` people in the order of their ids; None where there are fewer."""
    place = {"store": store_of(session), "after": after, "skipped": most - 1}
    return session.scalar(_END_OF_PART, place)


def _written(
    session: Session, statement: Insert, measure: Measure, now: datetime, meant: dict[str, Any]
) -> int:
    asked: dict[str, Any] = {
        "store": store_of(session),
        "now": now,
        "recency": _moments(measure.bounds.recency, now),
        "frequency": list(measure.bounds.frequency),
        "fifths": list(measure.fifths),
        "silent": _moments(measure.silent_days, now),
        "new_since": now - timedelta(days=NEW_DAYS),
        **lately.asked([*measure.lead.acts, *ACTS], now),
        **lead_rows.asked(measure.lead, now),
        **signal_rows.asked(measure.low_score, now),
        **meant,
    }
    # What is worked out of their acts has no index: joined by loops it would cost the square of
    # their number.
    with of_everybody(session):
        written = session.execute(statement, asked, execution_options={"preserve_rowcount": True})
    return int(written.rowcount)  # type: ignore[attr-defined] # Any INSERT has one.


def _moments(days: Iterable[int], now: datetime) -> list[datetime]:
    """Where each of these numbers of days begins to be less, the longest ago first: whole days
    compared as moments, so that nothing is worked out for each person."""
    return sorted(now - timedelta(days=number) + _TICK for number in days)


def _reached(value: Any, bounds: str, kind: Any) -> ColumnElement[int]:
    """How many of these bounds `value` has reached."""
    return func.width_bucket(value, bindparam(bounds, type_=ARRAY(kind)))


def _words(names: Iterable[str]) -> Any:
    """Our own names as an array in the statement's text, whose items have places from 1 on."""
    return literal_column(f"('{{{','.join(names)}}}'::text[])", ARRAY(Text))


def _graded(meant: Meant) -> Any:
    bought = Customer.orders_count > 0
    recent = _reached(Customer.last_order_at, "recency", _MOMENT)
    often = _reached(Customer.orders_count, "frequency", Integer)
    money = _reached(Customer.spent_minor, "fifths", BigInteger)
    return (
        select(
            Customer.customer_id,
            Customer.orders_count,
            Customer.first_order_at,
            case((bought, 1 + recent)).label("recency"),
            case((bought, 1 + often)).label("frequency"),
            case((bought, 1 + money)).label("money"),
            _reached(Customer.last_active_at, "silent", _MOMENT).label("heard"),
            lead_rows.own_points().label("own_points"),
            *(getattr(Customer, name) for name in _SIGNED_BY),
        )
        .where(
            Customer.store_id == STORE,
            Customer.erased_at.is_(None),
            *meant(Customer.customer_id),
        )
        # So that each grade is worked out once, and not wherever it is named.
        .offset(0)
        .subquery("graded")
    )


def _named(meant: Meant) -> Any:
    graded = _graded(meant)
    code = (graded.c.recency - 1) * GRADES**2 + (graded.c.frequency - 1) * GRADES + graded.c.money
    return (
        select(
            graded,
            _words(GROUPS)[code].label("rfm_group"),
            _words(Inactivity)[len(Inactivity) - graded.c.heard].label("inactivity"),
        )
        .offset(0)
        .subquery("named")
    )


def _staged(meant: Meant) -> Any:
    """`stages.stage_of`, for everybody who is meant."""
    named = _named(meant)
    silent = named.c.inactivity
    is_new = and_(named.c.orders_count == 1, named.c.first_order_at > bindparam("new_since"))
    stage = case(
        (and_(named.c.orders_count == 0, silent.is_(None)), Stage.PROSPECT),
        (named.c.orders_count == 0, Stage.LEAD),
        (silent.in_(sorted(LEAVING)), Stage.AT_RISK),
        (named.c.rfm_group == Group.CHAMPIONS, Stage.CHAMPION),
        (named.c.rfm_group == Group.LOYAL, Stage.LOYAL),
        (is_new, Stage.NEW),
        else_=Stage.REGULAR,
    )
    kept = ("customer_id", *_GRADES, "rfm_group", "inactivity", "own_points", *_SIGNED_BY)
    return select(*(named.c[name] for name in kept), stage.label("stage")).subquery("staged")


def _stand(meant: Meant) -> Insert:
    """Writes who stands elsewhere than before, and keeps each change."""
    done = lately.lately(meant)
    scored = lead_rows.with_score(_staged(meant), meant, done).subquery("with_score")
    found = signal_rows.with_signals(scored, meant, done).cte("now_standing")
    old = _STANDINGS.alias("old")
    compared = (*_GRADES, *KINDS, "lead_score", "signals")
    differs = [found.c[name].is_distinct_from(old.c[name]) for name in compared]
    here = (old.c.store_id == STORE, *meant(old.c.customer_id))
    changed = (
        select(
            found,
            *(_since(found, old, kind).label(_SINCE[kind]) for kind in KINDS),
            _signals_since(found, old).label("signals_since"),
            *(old.c[kind].label(f"was_{kind}") for kind in KINDS),
            old.c.customer_id.label("known"),
        )
        .outerjoin(old, and_(old.c.customer_id == found.c.customer_id, *here))
        .where(or_(old.c.customer_id.is_(None), *differs))
        .cte("changed")
    )
    names = [column.name for column in _STANDINGS.columns if column.name != "store_id"]
    rows = select(STORE, *(changed.c[name] for name in names))
    written = insert(_STANDINGS).from_select(["store_id", *names], rows)
    rest = {name: written.excluded[name] for name in names if name != "customer_id"}
    return written.on_conflict_do_update(
        index_elements=["store_id", "customer_id"], set_=rest
    ).add_cte(_history(changed))


def _since(found: Any, old: Any, kind: str) -> ColumnElement[datetime]:
    stays = found.c[kind].is_not_distinct_from(old.c[kind])
    return case((and_(old.c.customer_id.is_not(None), stays), old.c[_SINCE[kind]]), else_=NOW)


def _signals_since(found: Any, old: Any) -> Any:
    """Since when each sign is there: those that were there keep their moment."""
    sign = func.unnest(found.c.signals).column_valued("sign")
    since = func.coalesce(old.c.signals_since[sign], func.to_jsonb(NOW))
    return select(func.jsonb_object_agg(sign, since)).scalar_subquery()


def _history(changed: Any) -> Any:
    """What was known and is different now."""
    # VALUES would keep SQLAlchemy from remembering the statement, which costs more than to ask it.
    told = func.unnest(
        _words(KINDS),
        array([changed.c[f"was_{kind}"] for kind in KINDS]),
        array([changed.c[kind] for kind in KINDS]),
    )
    columns = (column(name, Text) for name in ("kind", "was", "became"))
    each = told.table_valued(*columns, name="each").render_derived()
    rows = (
        select(STORE, changed.c.customer_id, each.c.kind, NOW, each.c.was, each.c.became)
        .join_from(changed, each, each.c.was.is_distinct_from(each.c.became))
        .where(
            changed.c.known.is_not(None),
            or_(each.c.kind.not_in(_LATER), changed.c.was_lead_tier.is_not(None)),
        )
    )
    names = ["store_id", "customer_id", "kind", "changed_at", "was", "became"]
    return insert(_CHANGES).from_select(names, rows).on_conflict_do_nothing().cte("history")


_OF_SOME = _stand(lambda customer: [one_of(customer, "people")])
_OF_PART = _stand(
    lambda customer: [
        customer > bindparam("after", type_=Uuid()),
        customer <= bindparam("until", type_=Uuid()),
    ]
)
_END_OF_PART = (
    select(Customer.customer_id)
    .where(Customer.store_id == STORE, Customer.customer_id > bindparam("after", type_=Uuid()))
    .order_by(Customer.customer_id)
    .offset(bindparam("skipped", type_=Integer))
    .limit(1)
)
"""Made once (docs/decisions/0013-statements-made-once.md)."""
