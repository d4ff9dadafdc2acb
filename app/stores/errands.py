"""What every errand to somebody else's server has in common: a lease while it is on its way, longer
and longer waits between attempts, and an end after a day.

A letter, a word to the operator and a flow's call are such errands. Nothing here calls anybody.
"""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.backoff import backoff
from app.models import Letter, OperatorCall, OutboundCall
from app.tenancy import store_of

LEASE = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=1)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)

Errand = TypeVar("Errand", Letter, OperatorCall, OutboundCall)


def take(row: Letter | OperatorCall | OutboundCall, now: datetime) -> datetime:
    """One more attempt is ours; until when."""
    row.lease_until, row.attempts = now + LEASE, row.attempts + 1
    return row.lease_until


def still_ours(
    session: Session, kind: type[Errand], key: UUID, lease_until: datetime
) -> Errand | None:
    """The row, locked and fresh; None when the lease ran out and somebody else has it."""
    row = session.get(kind, (store_of(session), key), with_for_update=True, populate_existing=True)
    return row if row is not None and row.lease_until == lease_until else None


def settle(
    row: Letter | OperatorCall | OutboundCall,
    since: datetime,
    error: str | None,
    helps: bool = True,
) -> bool:
    """Brought, or again later, or given up: True for the last. `since`: when it was first due."""
    now = clock.now()
    row.error, row.lease_until = error, None
    given_up = error is not None and (not helps or now - since > GIVE_UP_AFTER)
    if error is None or given_up:
        row.done_at = now
    else:
        row.due_at = now + backoff(row.attempts, FIRST_RETRY, LONGEST_RETRY)
    return given_up
