"""How late the work is, read from the rows: the only place where lateness cannot be lost.

Counts what is due and not yet done, over all stores. Must never become a load of its own: it is
given two seconds a question.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock
from app.inbox.due import Due, due_work
from app.inbox.readings import gaps
from app.models import (
    UNSENT,
    Credential,
    Letter,
    Message,
    Notice,
    OperatorCall,
    Store,
    StoreStatus,
    Trouble,
    Webhook,
    WebhookStatus,
)
from app.tenancy import platform_transaction

PATIENCE = "2s"
_DAY = timedelta(days=1)
_CONNECTED = select(Store.store_id).where(Store.status == StoreStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class Lag:
    """What of one kind of work is due: how many rows, and for how long the oldest has been."""

    duty: str
    work: str
    waiting: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What an operator should know of the rows, all stores together."""

    lags: list[Lag]
    unsent: dict[str, int]
    broken: dict[str, int]
    troubles: dict[str, int]
    notices: dict[str, int]
    gaps: dict[str, int]
    failed_webhooks: int
    stores: dict[str, int]


def read_standing() -> Standing:
    """Everything at once. Raises SQLAlchemyError when the database does not answer in time."""
    now = clock.now()
    with platform_transaction("read how late the work is") as session:
        session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
        return Standing(
            lags=[_lag(session, now, due) for due in _all_due(now)],
            unsent=_by(session, Message.status, Message.status.in_(UNSENT)),
            broken=_by(
                session,
                Credential.kind,
                Credential.broken_since.is_not(None),
                Credential.store_id.in_(_CONNECTED),
            ),
            troubles=_by(
                session, Trouble.code, Trouble.ended_at.is_(None), Trouble.gone_at.is_(None)
            ),
            gaps=gaps(session),
            failed_webhooks=_by(
                session, Webhook.status, Webhook.status == WebhookStatus.FAILED
            ).get(WebhookStatus.FAILED, 0),
            notices=_by(session, Notice.kind, Notice.created_at > now - _DAY),
            stores=_by(session, Store.status, Store.status.is_not(None)),
        )


def _all_due(now: datetime) -> Iterator[Due]:
    """Also what the ticker asks for by itself: letters to merchants, words to the operator."""
    yield from due_work(now)
    for duty, row in (("letters", Letter), ("health", OperatorCall)):
        yield Due(duty, row.due_at, and_(row.done_at.is_(None), row.due_at <= now))


def _lag(session: Session, now: datetime, due: Due) -> Lag:
    since = due.since
    waiting, oldest = session.execute(select(func.count(), func.min(since)).where(due.is_due)).one()
    late = max((now - (oldest or now)).total_seconds(), 0.0)
    return Lag(due.duty, since.class_.__tablename__, waiting, late)


def _by(
    session: Session, column: InstrumentedAttribute[str], *conditions: ColumnElement[bool]
) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column))
    return {kind: count for kind, count in rows.all()}  # noqa: C416 - a row is no pair to mypy.
