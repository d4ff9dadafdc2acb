"""Profiles in the merchant's account, kept right: told once after each change of what we know.

The event that mails a person creates their profile; this brings what changes between mails, and
what an event cannot carry. Only people we have mailed have a row, so nobody else is told of. Must
never hold up a message, and never tell of somebody who was erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.backoff import backoff
from app.channels import ChannelName
from app.customers.profiles import CALM
from app.errors import AccessLost, ComebackError, Unreachable
from app.events import Person
from app.messages.touches import person_of
from app.messages.work import Connections
from app.models import Customer, Message, ProfileUpsert, StoreStatus
from app.points import Point, pass_point
from app.stores import lifecycle
from app.tenancy import store_transaction

LEASE = timedelta(minutes=10)
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=12)
MOST_ATTEMPTS = 60
"""About a month; the next change begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One person to tell of; `formerly` is where the latest mail went."""

    row: ProfileUpsert
    person: Person
    formerly: str | None


def were_mailed(session: Session, messages: Sequence[Message]) -> None:
    """From now on these people have a profile, to be told of in full soon and at each change."""
    due_at = clock.now() + CALM
    keys = sorted({(message.store_id, message.customer_id) for message in messages})
    if not keys:
        return
    rows = [{"store_id": store, "customer_id": who, "due_at": due_at} for store, who in keys]
    once = insert(ProfileUpsert).on_conflict_do_nothing(index_elements=["store_id", "customer_id"])
    session.execute(once, rows)


def upsert_due(store_id: UUID, connections: Connections, limit: int) -> int:
    """Tell of up to `limit` people; how many were told of. A provider that does not answer now is
    not asked for the rest: they wait for the end of their lease."""
    told = 0
    with store_transaction(store_id) as session:
        if lifecycle.this_store(session).status != StoreStatus.ACTIVE:
            return _end_all(session, store_id)
        errands = _claim(session, store_id, limit)
    if errands:
        pass_point(Point.PROFILES_CLAIMED)
    for errand in errands:
        problem = _tell(store_id, connections, errand)
        pass_point(Point.PROFILE_TOLD)
        with store_transaction(store_id) as session:
            _settle(session, errand.row, problem)
        pass_point(Point.PROFILE_RECORDED)
        if isinstance(problem, (Unreachable, AccessLost)):
            break
        told += problem is None
    return told


def _end_all(session: Session, store_id: UUID) -> int:
    """A store that has left took its account along."""
    ended = session.scalars(
        update(ProfileUpsert)
        .where(ProfileUpsert.store_id == store_id, ProfileUpsert.due_at.is_not(None))
        .values(due_at=None)
        .returning(ProfileUpsert.customer_id)
    ).all()
    return len(ended)


def _claim(session: Session, store_id: UUID, limit: int) -> list[_Errand]:
    now = clock.now()
    rows = session.execute(
        select(ProfileUpsert, Customer, _latest_address())
        .join(
            Customer,
            (Customer.store_id == ProfileUpsert.store_id)
            & (Customer.customer_id == ProfileUpsert.customer_id),
        )
        .where(ProfileUpsert.store_id == store_id, ProfileUpsert.due_at <= now)
        .order_by(ProfileUpsert.due_at)
        .limit(limit)
        .with_for_update(of=ProfileUpsert, skip_locked=True)
    ).all()
    errands = []
    for row, customer, formerly in rows:
        if customer.erased_at is not None or customer.email is None:
            row.due_at = None
            continue
        row.attempts += 1
        row.due_at = now + LEASE
        errands.append(_Errand(row=row, person=person_of(customer), formerly=formerly))
    return errands


def _latest_address() -> ScalarSelect[str | None]:
    """Where the person's latest mail went: their profile has that address."""
    return (
        select(Message.address)
        .where(
            Message.store_id == Customer.store_id,
            Message.customer_id == Customer.customer_id,
            Message.channel == ChannelName.EMAIL,
            Message.sent_at.is_not(None),
        )
        .order_by(Message.sent_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _tell(store_id: UUID, connections: Connections, errand: _Errand) -> ComebackError | None:
    """None: it is told, or there is no account any more; otherwise what went wrong."""
    try:
        channel = connections.channel(store_id, ChannelName.EMAIL)
        if channel is not None:
            channel.upsert_profile(errand.person, errand.formerly)
    except ComebackError as error:
        return error
    return None


def _settle(session: Session, claimed: ProfileUpsert, problem: ComebackError | None) -> None:
    row = session.get(ProfileUpsert, (claimed.store_id, claimed.customer_id), with_for_update=True)
    if row is None or (row.changes, row.attempts) != (claimed.changes, claimed.attempts):
        return  # Erased, changed once more, or tried by another worker since.
    row.error = None if problem is None else str(problem)
    row.due_at = _again_at(row, problem)


def _again_at(row: ProfileUpsert, problem: ComebackError | None) -> datetime | None:
    """What Klaviyo refuses for good is not repeated: only the next change can mend it."""
    may_pass = isinstance(problem, (Unreachable, AccessLost))
    if not may_pass or row.attempts >= MOST_ATTEMPTS:
        return None
    wait = backoff(row.attempts, FIRST_RETRY, LONGEST_RETRY)
    asked = timedelta(seconds=getattr(problem, "retry_after", None) or 0)
    return clock.now() + max(wait, asked)
