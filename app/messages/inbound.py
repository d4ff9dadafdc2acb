"""What people answer: a refusal in any words ends the messages on that channel, at once.

A clear refusal counts, and so does a likely one, which a human reads as well. Must never answer by
itself: the provider has done so where it had to.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock, customers
from app.channels import Inbound
from app.channels.twilio.refusals import OptOutReading, reads_as_opt_out
from app.customers.changes import Change
from app.customers.suppression import OPTED_OUT
from app.events import CONFIRMED_OPT_IN, ConsentChannel, ConsentState
from app.messages.addressed import people_with
from app.messages.choices import choose
from app.messages.work import OnChanges
from app.models import Customer, Message, ReceiptEntry, Store, Task, new_id
from app.points import Point, pass_point
from app.stores.notices import tell, words
from app.tenancy import store_of, store_transaction

PROVIDER = "twilio"
_STATES = {
    OptOutReading.CLEAR: ConsentState.UNSUBSCRIBED,
    OptOutReading.LIKELY: ConsentState.UNSUBSCRIBED,
    OptOutReading.OPT_IN: ConsentState.SUBSCRIBED,
}


def take_inbound(
    store_id: UUID,
    inbound: Inbound,
    keys: Sequence[str],
    on_changes: OnChanges | None = None,
) -> None:
    """Take an answer once, in one transaction; the flows hear of what it changed in the same."""
    with store_transaction(store_id) as session:
        changes = apply_inbound(session, inbound, keys)
        if changes and on_changes is not None:
            on_changes(session, session.get_one(Store, store_id), changes)
    pass_point(Point.REPLY_TAKEN)


def apply_inbound(session: Session, inbound: Inbound, keys: Sequence[str]) -> list[Change]:
    """The same inside the caller's transaction; what it changed."""
    if not _is_new(session, inbound):
        return []
    changes: list[Change] = []
    people = people_with(session, inbound.channel, inbound.address)
    _silence(session, inbound, known=bool(people), keys=keys)
    for customer_id in people:
        reading = reads_as_opt_out(inbound.body, _locale(session, customer_id))
        state = _STATES.get(reading)
        if state is None:
            continue
        because = {"source": PROVIDER, "text": inbound.body[:300], "reading": reading.value}
        if state is ConsentState.SUBSCRIBED:
            # The number itself says so, which is what a double opt-in by text asks for.
            because["level"] = CONFIRMED_OPT_IN
        choice = (ConsentChannel(inbound.channel), state)
        changes += choose(session, customer_id, choice, inbound.occurred_at, because)
        if reading is OptOutReading.LIKELY:
            _ask_a_human(session, customer_id, inbound)
    return changes


def _silence(session: Session, inbound: Inbound, *, known: bool, keys: Sequence[str]) -> None:
    """A number nobody has yet is silenced for whoever turns up with it, until it says otherwise."""
    place = (inbound.channel, inbound.address)
    reading = reads_as_opt_out(inbound.body, None)
    if reading is OptOutReading.CLEAR and not known:
        customers.suppress(session, *place, OPTED_OUT, keys=keys)
    if reading is OptOutReading.OPT_IN:
        customers.lift(session, *place, OPTED_OUT, keys=keys)


def _is_new(session: Session, inbound: Inbound) -> bool:
    noted = session.scalar(
        insert(ReceiptEntry)
        .values(
            store_id=store_of(session),
            provider=PROVIDER,
            receipt_key=inbound.receipt_key,
            status="inbound",
            occurred_at=inbound.occurred_at,
        )
        .on_conflict_do_nothing(index_elements=["store_id", "provider", "receipt_key"])
        .returning(ReceiptEntry.receipt_key)
    )
    return noted is not None


def _locale(session: Session, customer_id: UUID) -> str | None:
    return session.scalar(
        select(Customer.locale).where(
            Customer.store_id == store_of(session), Customer.customer_id == customer_id
        )
    )


def _ask_a_human(session: Session, customer_id: UUID, inbound: Inbound) -> None:
    """A task beside the journey they answered to; a notice when there is none."""
    answered = session.scalars(
        select(Message)
        .where(
            Message.store_id == store_of(session),
            Message.customer_id == customer_id,
            Message.channel == inbound.channel,
            Message.sent_at.is_not(None),
        )
        .order_by(Message.sent_at.desc())
        .limit(1)
    ).one_or_none()
    if answered is None:
        about = {"customer_id": str(customer_id)}
        tell(session, f"reply:{inbound.receipt_key}", kind="reply", details=about)
        return
    store = session.get_one(Store, answered.store_id)
    session.execute(
        insert(Task)
        .values(
            store_id=answered.store_id,
            task_id=new_id(),
            customer_id=customer_id,
            journey_id=answered.journey_id,
            step=f"reply:{inbound.receipt_key}",
            title=words("reply", {}, store.locale),
            script=inbound.body[:1_000],
            owner="support",
            due_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["store_id", "journey_id", "step"])
    )
