"""Refusals that must outlive the ledger of whoever made them.

A refusal made with a number counts for everybody who has the number (`consent`). When the person
who made it is forgotten, it is kept as a keyed hash. Must never silence somebody who has the number
and has agreed since.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.customers import suppression
from app.customers.batch import Batch
from app.customers.consent import consent_now
from app.events import ConsentChannel, ConsentState
from app.models import ConsentEntry, Customer


def has_refused(session: Session, customer_id: UUID) -> bool:
    """Whether any channel is closed to this person by a choice of theirs."""
    held = consent_now(session, [customer_id])[customer_id].values()
    return any(choice.state == ConsentState.UNSUBSCRIBED for choice in held)


def keep(batch: Batch, customer_id: UUID, own: Sequence[str], keys: Sequence[str]) -> None:
    """Keep what this person refused with numbers that are not theirs alone (`own`)."""
    holding = consent_now(batch.session, [customer_id])[customer_id]
    made = batch.session.execute(
        select(ConsentEntry.channel, ConsentEntry.address)
        .where(
            ConsentEntry.store_id == batch.store_id,
            ConsentEntry.customer_id == customer_id,
            ConsentEntry.channel != ConsentChannel.EMAIL,
            ConsentEntry.state == ConsentState.UNSUBSCRIBED,
            ConsentEntry.address.not_in(own),
        )
        .distinct()
    ).all()
    for channel, number in made:
        refused = holding[channel].state == ConsentState.UNSUBSCRIBED
        if number and refused and not _is_agreed_to(batch, customer_id, channel, number):
            suppression.suppress(batch.session, channel, number, suppression.OPTED_OUT, keys=keys)


def _is_agreed_to(batch: Batch, customer_id: UUID, channel: str, number: str) -> bool:
    """Whether somebody else who has the number wants to be written to there."""
    others = batch.session.scalars(
        select(Customer.customer_id).where(
            Customer.store_id == batch.store_id,
            Customer.phone == number,
            Customer.customer_id != customer_id,
        )
    ).all()
    held = [found.get(channel) for found in consent_now(batch.session, others).values()]
    return any(choice is not None and choice.state == ConsentState.SUBSCRIBED for choice in held)
