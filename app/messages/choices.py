"""A person's choice about a channel, from wherever it reaches us: ledger, flows, the others.

An opt-out always works and at once; the ledger queues it for the shop and the providers, see
`writebacks`. Must never turn silence, or an old answer, into consent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import customers
from app.customers.changes import Change, ChangeKind, Incoming
from app.events import ConsentChannel, ConsentState, CustomerActed
from app.messages.touches import person_of
from app.models import Customer, Message
from app.tenancy import store_of

SCORE_GIVEN = "score_given"


def choose(
    session: Session,
    customer_id: UUID,
    choice: tuple[ConsentChannel, ConsentState],
    at: datetime,
    because: Mapping[str, str],
) -> list[Change]:
    """Record a choice; the change it makes, or nothing when it was known or is older.

    `because` is the evidence; its `source` says where the choice was made: a provider's own name
    keeps it from being told what it told us. Its `level`, if any, says how sure the opt-in is.
    """
    channel, state = choice
    is_new = customers.record_choice(
        session,
        customer_id,
        channel,
        state,
        source=because["source"],
        at=at,
        evidence=because,
        level=because.get("level"),
    )
    if not is_new:
        return []
    change = Change(
        kind=ChangeKind.CONSENT_CHANGED,
        customer_id=customer_id,
        occurred_at=at,
        live=True,
        values={"channel": channel, "state": state},
    )
    return [change]


def opt_out_by_link(
    session: Session, message_id: UUID, now: datetime, *, everywhere: bool = False
) -> list[Change]:
    """The way out at the foot of a message: of its channel, or of every channel.

    The web room hands the changes to the flows. An unknown message changes nothing, because the
    person may have been erased since.
    """
    message = _message(session, message_id)
    if message is None:
        return []
    channels = list(ConsentChannel) if everywhere else [ConsentChannel(message.channel)]
    because = {"source": "unsubscribe_link", "message_id": str(message_id)}
    return [
        change
        for channel in channels
        for change in choose(
            session, message.customer_id, (channel, ConsentState.UNSUBSCRIBED), now, because
        )
    ]


def answer_survey(
    session: Session, message_id: UUID, score: int, now: datetime, keys: Sequence[str]
) -> list[Change]:
    """The 0 to 10 answer to a message's question, once each; flows can wait for it."""
    message = _message(session, message_id)
    if message is None:
        return []
    customer = session.get(Customer, (message.store_id, message.customer_id))
    if customer is None or customer.erased_at is not None:
        return []
    fact = CustomerActed(
        event_key=f"survey:{message_id}:{score}",
        name=SCORE_GIVEN,
        person=person_of(customer),
        values={"value": score, "message_id": str(message_id)},
        updated_at=now,
    )
    incoming = [Incoming(fact=fact, source="survey", live=True)]
    return customers.apply(session, incoming, now, keys=keys)


def _message(session: Session, message_id: UUID) -> Message | None:
    return session.scalars(
        select(Message).where(
            Message.store_id == store_of(session), Message.message_id == message_id
        )
    ).one_or_none()
