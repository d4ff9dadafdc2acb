"""Where everybody stands: grades, silence, stage, lead score and signs of leaving, worked out by
the database in one pass.

The rules are `science.rfm`, `customers.stages`, `customers.leads` and `customers.signals`; the
database repeats them, and tests compare the two on random people. Only what has changed is written,
and each change is kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Text,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Insert, array, insert
from sqlalchemy.orm import Session

from app.customers import grades, lately, lead_rows, moves, signal_rows
from app.customers.grades import Measure
from app.customers.lately import Meant
from app.customers.parts import FIRST, LAST, PART, end_of_part, in_part
from app.customers.signals import ACTS
from app.customers.without_loops import of_everybody
from app.models import Customer, Standing, StandingChange
from app.models.rows import STORE, listed, one_of, table_of
from app.tenancy import store_of

_MOMENT = DateTime(timezone=True)
_NEVER = literal_column("'infinity'::timestamptz", _MOMENT)
NOW: BindParameter[datetime] = bindparam("now", type_=_MOMENT)
KINDS = ("rfm_group", "inactivity", "stage", "lead_tier", "risk_level")
_MOMENTS = ("group_at", "inactivity_at", "stage_at", "lead_at", "risk_at")
_SINCE = dict(zip(KINDS, _MOMENTS, strict=True))
_LATER = ("lead_tier", "risk_level")
"""What was not looked at from the beginning."""
_GRADES = ("recency", "frequency", "money")
_OWN = (
    Customer.last_active_at,
    Customer.first_seen_at.label("seen_at"),
    Customer.score,
    Customer.score_at,
    lead_rows.own_points().label("own_points"),
)
"""What scores and signs look at in the customer's row."""
_CHANGES, _STANDINGS = table_of(StandingChange), table_of(Standing)


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


def stand_due(
    session: Session, measure: Measure, now: datetime, after: UUID = FIRST, most: int = PART
) -> tuple[int, UUID | None]:
    """The same, of those people whom time alone, or other fifths of money, can have moved since
    everybody was last looked at by these `rules`. Where money counts for a time only, that is
    whoever has ordered, and all are looked at."""
    if measure.money_days:
        return stand_part(session, measure, now, after, most)
    until = end_of_part(session, after, most)
    place = {"store": store_of(session), "after": after, "until": until or LAST}
    with of_everybody(session):
        due = session.scalars(_DUE, {**place, "now": now, **grades.asked(measure, now)}).all()
    return (stand(session, measure, now, due) if due else 0), until


def rules(measure: Measure) -> str:
    """All that standings are worked out by, but the fifths: what the store has chosen, and the
    statement itself, so that a release with other rules is noticed."""
    told = (replace(measure, fifths=()), _own_rules(measure.money_days > 0))
    return sha256(repr(told).encode()).hexdigest()


@cache
def _own_rules(looks_back: bool) -> tuple[str, dict[str, Any]]:
    compiled = _OF_SOME[looks_back].compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), dict(compiled.params)


def _written(
    session: Session,
    statements: Mapping[bool, Insert],
    measure: Measure,
    now: datetime,
    meant: dict[str, Any],
) -> int:
    asked: dict[str, Any] = {
        "store": store_of(session),
        "now": now,
        **grades.asked(measure, now),
        **moves.asked(measure.bounds.recency, measure.silent_days),
        **lately.asked([*measure.lead.acts, *ACTS], now),
        **lead_rows.asked(measure.lead, now),
        **signal_rows.asked(measure.low_score, now),
        **meant,
    }
    statement = statements[measure.money_days > 0]
    # What is worked out of their acts has no index: joined by loops it would cost the square of
    # their number.
    with of_everybody(session):
        written = session.execute(statement, asked, execution_options={"preserve_rowcount": True})
    return int(written.rowcount)  # type: ignore[attr-defined] # Any INSERT has one.


def _stand(meant: Meant, looks_back: bool) -> Insert:
    """Writes who stands elsewhere than before, and keeps each change."""
    changed = _changed(meant, looks_back)
    names = [column.name for column in _STANDINGS.columns if column.name != "store_id"]
    rows = select(STORE, *(changed.c[name] for name in names))
    written = insert(_STANDINGS).from_select(["store_id", *names], rows)
    rest = {name: written.excluded[name] for name in names if name != "customer_id"}
    return written.on_conflict_do_update(
        index_elements=["store_id", "customer_id"], set_=rest
    ).add_cte(_history(changed))


def _changed(meant: Meant, looks_back: bool) -> Any:
    done = lately.lately(meant)
    people = grades.staged(meant, _OWN, looks_back=looks_back)
    scored = lead_rows.with_score(people, meant, done).subquery("with_score")
    found = signal_rows.with_signals(scored, meant, done).cte("now_standing")
    old, moved = _STANDINGS.alias("old"), moves.moves_of(done)
    moves_at = func.least(moves.own_move(found.c), found.c.forgets_at, moved.c.at)
    compared = (*_GRADES, *KINDS, "lead_score", "signals")
    differs = [found.c[name].is_distinct_from(old.c[name]) for name in compared]
    here = (old.c.store_id == STORE, *meant(old.c.customer_id))
    return (
        select(
            found.c.customer_id,
            *(found.c[name] for name in compared),
            *(_since(found, old, kind).label(_SINCE[kind]) for kind in KINDS),
            _signals_since(found, old).label("signals_since"),
            *(old.c[kind].label(f"was_{kind}") for kind in KINDS),
            old.c.customer_id.label("known"),
            moves_at.label("moves_at"),
        )
        .outerjoin(old, and_(old.c.customer_id == found.c.customer_id, *here))
        .outerjoin(moved, moved.c.customer_id == found.c.customer_id)
        .where(or_(old.c.customer_id.is_(None), *differs, _moves_sooner(moves_at, old)))
        .cte("changed")
    )


def _moves_sooner(moves_at: Any, old: Any) -> ColumnElement[bool]:
    """What is kept of it must be written: the moment has come, or one has to look before it. That
    it is later now is not worth a row."""
    return or_(old.c.moves_at <= NOW, moves_at < func.coalesce(old.c.moves_at, _NEVER))


def _since(found: Any, old: Any, kind: str) -> ColumnElement[datetime]:
    stays = found.c[kind].is_not_distinct_from(old.c[kind])
    return case((and_(old.c.customer_id.is_not(None), stays), old.c[_SINCE[kind]]), else_=NOW)


def _signals_since(found: Any, old: Any) -> Any:
    """Since when each sign is there: those that were there keep their moment."""
    sign = func.unnest(found.c.signals).column_valued("sign")
    since = func.coalesce(old.c.signals_since[sign], func.to_jsonb(NOW))
    each = select(func.jsonb_object_agg(sign, since)).scalar_subquery()
    return case((func.cardinality(found.c.signals) > 0, each))


def _history(changed: Any) -> Any:
    """What was known and is different now."""
    # VALUES would keep SQLAlchemy from remembering the statement, which costs more than to ask it.
    told = func.unnest(
        grades.words(KINDS),
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


def _both(meant: Meant) -> Mapping[bool, Insert]:
    """By whether the store looks back over a time for money, or over all that is known."""
    return {looks_back: _stand(meant, looks_back) for looks_back in (False, True)}


_OF_SOME = _both(lambda customer: [one_of(customer, "people")])
_OF_PART = _both(in_part)
_DUE = (
    select(Customer.customer_id)
    .outerjoin(
        Standing,
        and_(
            Standing.store_id == STORE,
            Standing.customer_id == Customer.customer_id,
            *in_part(Standing.customer_id),
        ),
    )
    .where(
        Customer.store_id == STORE,
        Customer.erased_at.is_(None),
        *in_part(Customer.customer_id),
        or_(
            Standing.customer_id.is_(None),
            Standing.moves_at <= NOW,
            Standing.money.is_distinct_from(grades.money()),
        ),
    )
)
"""Made once (docs/decisions/0013-statements-made-once.md)."""
