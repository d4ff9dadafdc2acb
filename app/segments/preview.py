"""Who a condition means right now, while somebody waits for the answer: how many, and the first ten
of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.customers.without_loops import of_everybody
from app.errors import ComebackError
from app.models import Customer, Store
from app.segments.conditions import Condition
from app.segments.sql import matching

SHOWN = 10
PATIENCE_MS = 3_000
_CANCELLED = "57014"


class TooSlow(ComebackError):
    """The answer took longer than somebody should wait."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`people`: those who were active last."""

    size: int
    people: Sequence[Customer]


def preview(
    session: Session,
    condition: Condition,
    store: Store,
    now: datetime,
    patience_ms: int = PATIENCE_MS,
) -> Preview:
    """Raises TooSlow after `patience_ms`; the transaction goes on."""
    meant = matching(session, condition, store, now).cte("meant")
    size = select(func.count()).select_from(meant).scalar_subquery()
    first = (
        select(Customer, size)
        .join(meant, meant.c.customer_id == Customer.customer_id)
        .where(Customer.store_id == store.store_id)
        .order_by(Customer.last_active_at.desc().nulls_last(), Customer.customer_id)
        .limit(SHOWN)
    )
    try:
        with session.begin_nested(), of_everybody(session):
            session.execute(text(f"SET LOCAL statement_timeout = {patience_ms}"))
            rows = session.execute(first).all()
            session.execute(text("SET LOCAL statement_timeout TO DEFAULT"))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELLED:
            raise
        raise TooSlow("to count these people took too long") from error
    return Preview(rows[0][1] if rows else 0, [row[0] for row in rows])
