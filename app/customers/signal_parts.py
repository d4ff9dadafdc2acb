"""The signs of leaving of one person with what was compared for each, for whoever asks why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.customers import lately, signal_rows
from app.customers.signals import ACTS, Seen, Signal, Values, signals_of
from app.customers.stages import Inactivity
from app.models import Customer
from app.models.rows import STORE, listed, one_of


def signals_now(
    session: Session, customer: Customer, silent: str | None, low_score: int, now: datetime
) -> Mapping[Signal, Values]:
    """By one statement. `silent` is their state of silence, which the reader knows already."""
    asked = {
        "store": customer.store_id,
        "people": listed([customer.customer_id]),
        **lately.asked(list(ACTS), now),
        **signal_rows.asked(low_score, now),
    }
    return signals_of(
        _seen(session.execute(_OF_ONE, asked).one(), customer, silent, low_score, now)
    )


def _seen(row: Any, customer: Customer, silent: str | None, low_score: int, now: datetime) -> Seen:
    counts = row._mapping
    return Seen(
        now=now,
        inactivity=None if silent is None else Inactivity(silent),
        last_active_at=customer.last_active_at,
        last_order_at=customer.last_order_at,
        score=customer.score,
        score_at=customer.score_at,
        score_before=None if row.before is None else int(row.before),
        low_score=low_score,
        cart_left_at=row.at,
        failed_at=row.failed_at,
        paid_at=row.paid_at,
        acts={act: (counts[f"{act}_recent"] or 0, counts[f"{act}_before"] or 0) for act in ACTS},
    )


def _statement() -> Any:
    def this(customer: Any) -> list[Any]:
        return [one_of(customer, "people")]

    parts = (
        signal_rows.signs_of(lately.lately(this)),
        signal_rows.scores_of(this),
        signal_rows.carts_left(this),
    )
    found: Any = Customer.__table__
    for part in parts:
        found = found.outerjoin(part, part.c.customer_id == Customer.customer_id)
    columns = (column for part in parts for column in part.c if column.name != "customer_id")
    own = and_(Customer.store_id == STORE, *this(Customer.customer_id))
    return select(*columns).select_from(found).where(own)


_OF_ONE = _statement()
