"""What is known of why each person leaves, in SQL: the gravest sign that is true of them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)

from app.customers.lately import ACTED
from app.customers.signals import TICKETS, UNANSWERED, Signal
from app.events import ConsentState
from app.models import ConsentEntry, Customer, LoggedFact, Standing
from app.models.rows import STORE
from app.reports.leaving import Sign

_BEFORE = timedelta(days=90)
"""How long before somebody came to be at risk an act may speak for a reason."""
_YEAR = timedelta(days=365)
_SPAM = '$.* ? (@ starts with "complained")'
_ACTS = {
    "cancellations": ("cancellation_sought",),
    "complaints": ("complaint_made",),
    "ends": ("subscription_expired", "trial_expired"),
    "comparisons": ("competitor_compared",),
    "tickets": ("ticket_opened",),
    "silences": ("contact_unanswered",),
}
_FAILED, _PAID = "payment_failed", "payment_succeeded"


def asked(since: datetime) -> dict[str, Any]:
    """The parameter of a statement about people who came to be at risk since then."""
    return {"acts_since": since - _BEFORE}


def acts_of(turned: Any) -> Subquery:
    """A row for each of `turned` who did, or met, what speaks for a reason: how often."""
    log, name, at = LoggedFact, LoggedFact.fact["name"].astext, LoggedFact.occurred_at
    counts = (func.count().filter(name.in_(own)).label(way) for way, own in _ACTS.items())
    latest = (func.max(at).filter(name == act).label(act) for act in (_FAILED, _PAID))
    names = [_FAILED, _PAID, *(act for own in _ACTS.values() for act in own)]
    return (
        select(log.customer_id, *counts, *latest)
        .join_from(log, turned, turned.c.customer_id == log.customer_id)
        .where(
            log.store_id == STORE,
            log.kind == ACTED,
            at > bindparam("acts_since", type_=DateTime(timezone=True)),
            at > turned.c.at - _BEFORE,
            name.in_(names),
        )
        .group_by(log.customer_id)
        .subquery("acts")
    )


def sign_of(turned: Any, acts: Any) -> ColumnElement[str]:
    """Of a customer beside their standing and what they did."""
    return case(
        (Customer.suppressed.path_exists(_SPAM), Sign.COMPLAINT),
        (acts.c.cancellations > 0, Sign.CANCELLATION),
        (acts.c.complaints > 0, Sign.COMPLAINED),
        (Customer.score <= bindparam("low"), Sign.LOW_SCORE),
        (_owes(acts), Sign.PAYMENT_FAILED),
        (acts.c.ends > 0, Sign.EXPIRED),
        (acts.c.comparisons > 0, Sign.COMPARING),
        (acts.c.tickets >= TICKETS, Sign.TICKETS),
        (_refused(turned), Sign.UNSUBSCRIBED),
        (acts.c.silences >= UNANSWERED, Sign.NO_ANSWER),
        (Standing.signals.contains([Signal.CART_LEFT]), Sign.CART_LEFT),
        else_=Sign.UNKNOWN,
    )


def _owes(acts: Any) -> ColumnElement[bool]:
    """The last payment failed, and nothing was paid or bought since."""
    failed, paid = acts.c[_FAILED], func.greatest(acts.c[_PAID], Customer.last_order_at)
    return and_(failed.is_not(None), or_(paid.is_(None), paid < failed))


def _refused(turned: Any) -> ColumnElement[bool]:
    return exists().where(
        ConsentEntry.store_id == STORE,
        ConsentEntry.customer_id == Customer.customer_id,
        ConsentEntry.state == ConsentState.UNSUBSCRIBED,
        ConsentEntry.occurred_at > turned.c.at - _YEAR,
    )
