"""How late the work is, read from the rows: the only place where lateness cannot be lost.

Counts what is due and not yet done, over all stores. Must never become a load of its own: it is
given two seconds a question.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock
from app.inbox.readings import gaps
from app.models import (
    UNSENT,
    Backfill,
    ConsentWriteback,
    Credential,
    Erasure,
    Journey,
    JourneyStatus,
    Letter,
    Message,
    Notice,
    Offer,
    OutboundCall,
    ProfileUpsert,
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
_Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


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
            lags=[_lag(session, now, *each) for each in _due()],
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


def _due() -> Iterator[tuple[str, _Moment, ColumnElement[bool]]]:
    """Duty, the moment from which its work waits, and what is still open of it."""
    yield "inbox", Webhook.received_at, Webhook.status == WebhookStatus.WAITING
    yield "steps", Journey.due_at, Journey.status == JourneyStatus.ACTIVE
    yield "offers", Offer.due_at, Offer.due_at.is_not(None)
    yield "messages", Message.due_at, Message.status.in_(UNSENT)
    for waiting in (ConsentWriteback, Erasure, OutboundCall):
        yield "sync", waiting.due_at, waiting.done_at.is_(None)
    yield "sync", ProfileUpsert.due_at, ProfileUpsert.due_at.is_not(None)
    yield "sync", Backfill.due_at, Backfill.finished_at.is_(None)
    yield "letters", Letter.due_at, Letter.done_at.is_(None)


def _lag(
    session: Session, now: datetime, duty: str, since: _Moment, is_open: ColumnElement[bool]
) -> Lag:
    waiting, oldest = session.execute(
        select(func.count(), func.min(since)).where(is_open, since <= now)
    ).one()
    return Lag(duty, since.class_.__tablename__, waiting, (now - (oldest or now)).total_seconds())


def _by(
    session: Session, column: InstrumentedAttribute[str], *conditions: ColumnElement[bool]
) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column))
    return {kind: count for kind, count in rows.all()}  # noqa: C416 - a row is no pair to mypy.
