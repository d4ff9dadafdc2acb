"""Signs of leaving of many people in SQL: the rules of `signals` over a store, or a part of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array

from app.customers.lately import ACTED, RECENT, Meant
from app.customers.moves import SCORED_SINCE
from app.customers.signals import (
    ACTS,
    FALL,
    FEWEST,
    LEVEL,
    SCORED_FOR,
    TICKETS,
    UNANSWERED,
    Level,
    Signal,
)
from app.customers.stages import LEAVING
from app.models import Cart, LoggedFact
from app.models.rows import STORE

_MOMENT = DateTime(timezone=True)
_SCORES_SINCE = bindparam("scores_since", type_=_MOMENT)
_LOW_SCORE = bindparam("low_score", type_=Integer)
_REMEMBERED = timedelta(days=365)
_REMEMBERED_FOR = literal_column("interval '8760 hours'", Interval)
# In the statement's text, or an index of these alone could not be used by every plan.
_SCORE, _NUMBER = literal_column("'score_given'", Text), literal_column("'number'", Text)
_LEFT = literal_column("'abandoned'", Text)


def asked(low_score: int, now: datetime) -> dict[str, Any]:
    """The parameters of a statement that looks for signs, beside those of `lately`."""
    return {
        "low_score": low_score,
        "scored_since": now - SCORED_FOR,
        "scores_since": now - _REMEMBERED,
    }


def with_signals(people: Any, meant: Meant, done: CTE) -> Any:
    """`people` with `signals`, a list of names, and `risk_level`, the highest of theirs, and with
    the moment at which a score before the latest is forgotten, `forgets_at`. They have
    `inactivity`, `last_order_at`, `score` and `score_at`."""
    signs, scores, carts = signs_of(done), scores_of(meant), carts_left(meant)
    there = _there(people.c, signs.c, scores.c, carts.c)
    named = array([case((there[signal], literal_column(f"'{signal}'", Text))) for signal in there])
    found = (
        select(
            people,
            cast(func.array_remove(named, None), ARRAY(Text)).label("signals"),
            scores.c.forgets_at,
        )
        .outerjoin(signs, signs.c.customer_id == people.c.customer_id)
        .outerjoin(scores, scores.c.customer_id == people.c.customer_id)
        .outerjoin(carts, carts.c.customer_id == people.c.customer_id)
        .offset(0)
        .subquery("signalled")
    )
    return select(found, _level(found.c.signals).label("risk_level"))


def _level(signals: Any) -> Any:
    of_level = {
        level: [str(signal) for signal, own in LEVEL.items() if own is level]
        for level in reversed(Level)
    }
    return case(*((signals.overlap(names), str(level)) for level, names in of_level.items()))


def _there(person: Any, signs: Any, scores: Any, carts: Any) -> dict[Signal, ColumnElement[bool]]:
    """Where each sign is: the rules of `signals`, one by one."""
    of_now = person.score_at > SCORED_SINCE
    ordered = person.last_order_at
    return {
        Signal.SILENT: person.inactivity.in_(sorted(LEAVING)),
        Signal.LOW_SCORE: and_(of_now, person.score <= _LOW_SCORE),
        Signal.SCORE_FELL: and_(of_now, person.score <= scores.before - FALL),
        Signal.CART_LEFT: _not_since(carts.at, ordered),
        Signal.LOGINS_DOWN: _halved(signs, "logged_in"),
        Signal.USE_DOWN: _halved(signs, "feature_used"),
        Signal.TICKETS_UP: and_(
            signs.ticket_opened_recent >= TICKETS,
            signs.ticket_opened_recent > signs.ticket_opened_before,
        ),
        Signal.PAYMENT_FAILED: and_(
            signs.failed_at > RECENT,
            _not_since(signs.failed_at, ordered),
            _not_since(signs.failed_at, signs.paid_at),
        ),
        Signal.COMPLAINED: signs.complaint_made_recent >= 1,
        Signal.NO_ANSWER: signs.contact_unanswered_recent >= UNANSWERED,
        Signal.LEAVING: signs.cancellation_sought_recent >= 1,
        Signal.COMPARING: signs.competitor_compared_recent >= 1,
    }


def _not_since(at: Any, ordered: Any) -> ColumnElement[bool]:
    return and_(at.is_not(None), or_(ordered.is_(None), ordered < at))


def _halved(signs: Any, act: str) -> ColumnElement[bool]:
    recent, before = signs[f"{act}_recent"], signs[f"{act}_before"]
    return and_(before >= FEWEST, 2 * recent < before)


def signs_of(done: CTE) -> Any:
    """A row for each person who did any of `signals.ACTS`: how often, now and before."""
    counts: list[ColumnElement[Any]] = []
    for act in ACTS:
        is_it = done.c.name == literal_column(f"'{act}'", Text)
        counts += [
            func.count().filter(is_it, done.c.at > RECENT).label(f"{act}_recent"),
            func.count().filter(is_it, done.c.at <= RECENT).label(f"{act}_before"),
        ]
    return (
        select(
            done.c.customer_id,
            *counts,
            _latest(done, "payment_failed").label("failed_at"),
            _latest(done, "payment_succeeded").label("paid_at"),
        )
        .where(done.c.name.in_(ACTS))
        .group_by(done.c.customer_id)
        .subquery("signs")
    )


def _latest(done: CTE, act: str) -> Any:
    return func.max(done.c.at).filter(done.c.name == literal_column(f"'{act}'", Text))


def scores_of(meant: Meant) -> Any:
    """The score before the latest; of two at one moment the lower counts as the later."""
    value = LoggedFact.fact["values"]["value"]
    score = func.floor(cast(value.astext, Numeric))
    in_order = aggregate_order_by(score, LoggedFact.occurred_at.desc(), score)
    before = func.array_agg(in_order, type_=ARRAY(Numeric))[2]
    return (
        select(
            LoggedFact.customer_id,
            before.label("before"),
            (func.min(LoggedFact.occurred_at) + _REMEMBERED_FOR).label("forgets_at"),
        )
        .where(
            LoggedFact.store_id == STORE,
            LoggedFact.kind == ACTED,
            LoggedFact.fact["name"].astext == _SCORE,
            LoggedFact.occurred_at > _SCORES_SINCE,
            func.jsonb_typeof(value) == _NUMBER,
            *meant(LoggedFact.customer_id),
        )
        .group_by(LoggedFact.customer_id)
        .subquery("scores")
    )


def carts_left(meant: Meant) -> Any:
    """When each last left a cart that is still there."""
    return (
        select(Cart.customer_id, func.max(Cart.abandoned_at).label("at"))
        .where(Cart.store_id == STORE, Cart.status == _LEFT, *meant(Cart.customer_id))
        .group_by(Cart.customer_id)
        .subquery("carts_left")
    )
