"""A person answered a message: a click, once a minute at most, wherever we heard of it.

Opens are never touches: mail proxies open everything. A touch is also a fact about the person, so
that a flow can wait for it and scores can count it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import customers
from app.customers.changes import Change, Incoming
from app.events import CustomerActed, Person
from app.models import Customer, Message, Touch

CLICK = "click"
ACTED = "link_clicked"


def record_click(
    session: Session, message: Message, at: datetime, keys: Sequence[str]
) -> list[Change]:
    """Note a click; what it changed, or nothing when this minute has one already."""
    key = f"click:{message.message_id}:{at:%Y%m%dT%H%M}"
    # First, because `customers.apply` takes the store's lock before anybody may hold a row's.
    changes = _tell(session, message, key, at, keys)
    session.execute(
        insert(Touch)
        .values(
            store_id=message.store_id,
            touch_key=key,
            message_id=message.message_id,
            customer_id=message.customer_id,
            kind=CLICK,
            touched_at=at,
        )
        .on_conflict_do_nothing(index_elements=["store_id", "touch_key"])
    )
    session.execute(
        update(Message)
        .where(Message.store_id == message.store_id, Message.message_id == message.message_id)
        .values(clicked_at=func.least(func.coalesce(Message.clicked_at, at), at))
    )
    return changes


def _tell(
    session: Session, message: Message, key: str, at: datetime, keys: Sequence[str]
) -> list[Change]:
    customer = session.get(Customer, (message.store_id, message.customer_id))
    if customer is None or customer.erased_at is not None:
        return []
    fact = CustomerActed(
        event_key=key,
        name=ACTED,
        person=person_of(customer),
        values={"message_id": str(message.message_id), "step": message.step},
        updated_at=at,
    )
    incoming = [Incoming(fact=fact, source="link", live=True)]
    return customers.apply(session, incoming, at, keys=keys)


def person_of(customer: Customer) -> Person:
    """Everything by which `customers.apply` and a shop recognise this person."""
    return Person(
        platform_key=customer.platform_key,
        email=customer.email,
        phone=customer.phone,
        first_name=customer.first_name,
        last_name=customer.last_name,
        locale=customer.locale,
        country=customer.country,
        region=customer.region,
    )
