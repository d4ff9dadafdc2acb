"""Having the providers forget a person, after we have. The addresses are sealed until then.

Must never log an address, and never call it done while a provider still says later. What cannot be
brought any more ends with its problem on record: after a month, or when a store that has left took
its provider's access along.
"""

import json
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.backoff import backoff
from app.channels import ChannelName
from app.crypto import Vault
from app.errors import AccessLost, ComebackError
from app.messages.work import Connections
from app.models import Erasure, StoreStatus
from app.points import Point, pass_point
from app.stores import lifecycle
from app.tenancy import store_transaction

LEASE = timedelta(minutes=10)
FIRST_RETRY = timedelta(minutes=15)
LONGEST_RETRY = timedelta(hours=12)
GIVE_UP_AFTER = timedelta(days=30)


def erase_due(store_id: UUID, connections: Connections, limit: int) -> int:
    """Pass on up to `limit` erasures; how many were tried."""
    with store_transaction(store_id) as session:
        rows = _claim(session, store_id, limit)
    if rows:
        pass_point(Point.ERASURES_CLAIMED)
    vault = Vault(connections.config.keys)
    for row in rows:
        problem = _forget(store_id, connections, json.loads(vault.open(row.sealed or b"")))
        pass_point(Point.ERASURE_TOLD)
        with store_transaction(store_id) as session:
            _settle(session, row, problem)
            if rows[-1] is row and not _is_here(session):
                lifecycle.forget_credentials(session)
        pass_point(Point.ERASURE_RECORDED)
    return len(rows)


def _is_here(session: Session) -> bool:
    return lifecycle.this_store(session).status == StoreStatus.ACTIVE


def _claim(session: Session, store_id: UUID, limit: int) -> list[Erasure]:
    now = clock.now()
    rows = session.scalars(
        select(Erasure)
        .where(Erasure.store_id == store_id, Erasure.done_at.is_(None), Erasure.due_at <= now)
        .order_by(Erasure.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.attempts += 1
        row.due_at = now + LEASE
    return list(rows)


def _forget(store_id: UUID, connections: Connections, addresses: list[str]) -> ComebackError | None:
    """Ask each provider for its own addresses; the problem, one that may pass before others."""
    problem: ComebackError | None = None
    for name in (ChannelName.EMAIL, ChannelName.SMS):
        mine = [a for a in addresses if ("@" in a) == (name is ChannelName.EMAIL)]
        try:
            channel = connections.channel(store_id, name) if mine else None
            for address in mine if channel else ():
                assert channel is not None
                channel.erase(address)
        except ComebackError as error:
            problem = error if problem is None or isinstance(problem, AccessLost) else problem
    return problem


def _settle(session: Session, claimed: Erasure, problem: ComebackError | None) -> None:
    row = session.get(Erasure, (claimed.store_id, claimed.erasure_id), with_for_update=True)
    if row is None or row.attempts != claimed.attempts:
        return
    now = clock.now()
    row.error = None if problem is None else str(problem)
    is_over = isinstance(problem, AccessLost) and not _is_here(session)
    if problem is None or is_over or now - row.requested_at > GIVE_UP_AFTER:
        row.done_at, row.sealed = now, None
    else:
        row.due_at = now + backoff(row.attempts, FIRST_RETRY, LONGEST_RETRY)
