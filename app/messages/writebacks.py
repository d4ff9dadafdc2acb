"""Choices on their way to the shop and to the providers, tried again until they have arrived.

`customers` queues them with the ledger's entry. A return travels as well, for what a refusal has
closed at a provider stays closed there; the provider's later word wins over it. Must never hold up
the opt-out itself, which stands in our ledger already.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from app import clock
from app.backoff import backoff
from app.channels import Channel, ChannelName
from app.errors import ComebackError
from app.events import ConsentChannel, ConsentState, Person
from app.messages.touches import person_of
from app.messages.work import Connections
from app.models import ConsentWriteback, Customer, StoreStatus
from app.points import Point, pass_point
from app.stores import lifecycle
from app.tenancy import store_transaction

SHOP, KLAVIYO, TWILIO = "shop", "klaviyo", "twilio"
LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
MOST_ATTEMPTS = 120
"""About a month: who is not to be reached by then is read anew when they connect again."""

_PROVIDER_CHANNEL = {KLAVIYO: ChannelName.EMAIL, TWILIO: ChannelName.SMS}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One choice to bring to one place."""

    row: ConsentWriteback
    person: Person


def write_back_due(store_id: UUID, connections: Connections, limit: int) -> int:
    """Bring up to `limit` due choices to where they belong; how many were tried."""
    with store_transaction(store_id) as session:
        if lifecycle.this_store(session).status != StoreStatus.ACTIVE:
            return _end_all(session, store_id)
        errands = _claim(session, store_id, clock.now(), limit)
    if errands:
        pass_point(Point.CHOICES_CLAIMED)
    for errand in errands:
        problem = _run(store_id, connections, errand)
        pass_point(Point.CHOICE_TOLD)
        with store_transaction(store_id) as session:
            _settle(session, errand, problem)
        pass_point(Point.CHOICE_RECORDED)
    return len(errands)


def _end_all(session: Session, store_id: UUID) -> int:
    """A store that has left took its shop and its providers along."""
    ended = session.scalars(
        update(ConsentWriteback)
        .where(ConsentWriteback.store_id == store_id, ConsentWriteback.done_at.is_(None))
        .values(done_at=clock.now(), error="The store has left.")
        .returning(ConsentWriteback.consent_id)
    ).all()
    return len(ended)


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
        if _outdated(session, row):
            row.done_at = now
            continue
        row.attempts += 1
        row.due_at = now + LEASE
        errands.append(_Errand(row=row, person=person_of(customer)))
    return errands


def _outdated(session: Session, row: ConsentWriteback) -> bool:
    """Whether a later choice goes to the same place: told late, this one would undo it there."""
    later = aliased(ConsentWriteback)
    found = session.scalar(
        select(later.consent_id)
        .where(
            later.store_id == row.store_id,
            later.customer_id == row.customer_id,
            later.channel == row.channel,
            later.target == row.target,
            later.occurred_at > row.occurred_at,
        )
        .limit(1)
    )
    return found is not None


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
            _tell(provider, row, address)
    except ComebackError as error:
        return str(error)
    return None


def _tell(provider: Channel, row: ConsentWriteback, address: str) -> None:
    name = ChannelName(row.channel)
    if row.state == ConsentState.UNSUBSCRIBED:
        provider.suppress(name, address)
    elif row.state == ConsentState.SUBSCRIBED:
        provider.subscribe(name, address, row.occurred_at)


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
    if problem is None or row.attempts >= MOST_ATTEMPTS:
        row.done_at = now
    else:
        row.due_at = now + backoff(row.attempts, FIRST_RETRY, LONGEST_RETRY)
