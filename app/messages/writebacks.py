"""Opt-outs on their way to the shop and to the providers, tried again until they have arrived.

Only refusals travel: a consent given elsewhere is the shop's to keep. Must never hold up the
opt-out itself, which stands in our ledger before anything is queued here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.channels import ChannelName
from app.customers.changes import Change, ChangeKind
from app.errors import ComebackError
from app.events import ConsentChannel, ConsentState, Person
from app.jobs import nudge_after_commit
from app.messages.touches import person_of
from app.messages.work import Connections
from app.models import ConsentEntry, ConsentWriteback, Customer
from app.tenancy import store_of, store_transaction

DUTY = "sync"
SHOP, KLAVIYO, TWILIO = "shop", "klaviyo", "twilio"
LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)

_TARGETS = {
    ConsentChannel.EMAIL: (SHOP, KLAVIYO),
    ConsentChannel.SMS: (SHOP, KLAVIYO, TWILIO),
    ConsentChannel.WHATSAPP: (SHOP,),
}
_PROVIDER_CHANNEL = {KLAVIYO: ChannelName.EMAIL, TWILIO: ChannelName.SMS}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One opt-out to bring to one place."""

    row: ConsentWriteback
    person: Person


def queue_writebacks(session: Session, changes: Sequence[Change], now: datetime) -> int:
    """Queue what the ledger has newly refused among `changes`; how many errands were added.

    The place it came from is told as well: the providers' answers are idempotent, and a source's
    name is not proof that it has acted.
    """
    refused = {
        (change.customer_id, str(change.values["channel"]))
        for change in changes
        if change.kind is ChangeKind.CONSENT_CHANGED
        and change.values["state"] == ConsentState.UNSUBSCRIBED
    }
    added = 0
    for entry in _entries(session, refused):
        for target in _TARGETS[ConsentChannel(entry.channel)]:
            added += _queue(session, entry, target, now)
    if added:
        nudge_after_commit(session, DUTY, store_of(session))
    return added


def write_back_due(store_id: UUID, connections: Connections, limit: int) -> int:
    """Bring up to `limit` due opt-outs to where they belong; how many were tried."""
    with store_transaction(store_id) as session:
        errands = _claim(session, store_id, clock.now(), limit)
    for errand in errands:
        problem = _run(store_id, connections, errand)
        with store_transaction(store_id) as session:
            _settle(session, errand, problem)
    return len(errands)


def _entries(session: Session, refused: set[tuple[UUID | None, str]]) -> Sequence[ConsentEntry]:
    if not refused:
        return []
    latest = session.scalars(
        select(ConsentEntry)
        .distinct(ConsentEntry.customer_id, ConsentEntry.channel)
        .where(
            ConsentEntry.store_id == store_of(session),
            ConsentEntry.customer_id.in_({customer_id for customer_id, _ in refused}),
        )
        .order_by(ConsentEntry.customer_id, ConsentEntry.channel, ConsentEntry.occurred_at.desc())
    )
    return [
        entry
        for entry in latest
        if (entry.customer_id, entry.channel) in refused
        and entry.state == ConsentState.UNSUBSCRIBED
    ]


def _queue(session: Session, entry: ConsentEntry, target: str, now: datetime) -> int:
    added = session.scalar(
        insert(ConsentWriteback)
        .values(
            store_id=entry.store_id,
            consent_id=entry.consent_id,
            target=target,
            customer_id=entry.customer_id,
            channel=entry.channel,
            state=entry.state,
            occurred_at=entry.occurred_at,
            due_at=now,
        )
        .on_conflict_do_nothing(index_elements=["store_id", "consent_id", "target"])
        .returning(ConsentWriteback.target)
    )
    return 0 if added is None else 1


def _claim(session: Session, store_id: UUID, now: datetime, limit: int) -> list[_Errand]:
    rows = session.execute(
        select(ConsentWriteback, Customer)
        .join(
            Customer,
            (Customer.store_id == ConsentWriteback.store_id)
            & (Customer.customer_id == ConsentWriteback.customer_id),
        )
        .where(
            ConsentWriteback.store_id == store_id,
            ConsentWriteback.done_at.is_(None),
            ConsentWriteback.due_at <= now,
        )
        .order_by(ConsentWriteback.due_at)
        .limit(limit)
        .with_for_update(of=ConsentWriteback, skip_locked=True)
    ).all()
    errands = []
    for row, customer in rows:
        row.attempts += 1
        row.due_at = now + LEASE
        errands.append(_Errand(row=row, person=person_of(customer)))
    return errands


def _run(store_id: UUID, connections: Connections, errand: _Errand) -> str | None:
    """Tell the place. None: it knows now, or cannot know; otherwise why it must be told again."""
    row, person = errand.row, errand.person
    channel = ConsentChannel(row.channel)
    try:
        if row.target == SHOP:
            shop = connections.shop(store_id)
            shop.write_consent(person, channel, ConsentState(row.state), row.occurred_at)
            return None
        provider = connections.channel(store_id, _PROVIDER_CHANNEL[row.target])
        address = person.email if channel is ConsentChannel.EMAIL else person.phone
        if provider is not None and address:
            provider.suppress(ChannelName(row.channel), address)
    except ComebackError as error:
        return str(error)
    return None


def _settle(session: Session, errand: _Errand, problem: str | None) -> None:
    row = session.get(
        ConsentWriteback,
        (errand.row.store_id, errand.row.consent_id, errand.row.target),
        with_for_update=True,
    )
    if row is None or row.attempts != errand.row.attempts:
        return  # Erased meanwhile, or tried by another worker since.
    now = clock.now()
    row.error = problem
    if problem is None:
        row.done_at = now
    else:
        row.due_at = now + min(FIRST_RETRY * 2 ** min(row.attempts - 1, 12), LONGEST_RETRY)
