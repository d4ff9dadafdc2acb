"""What happens while a shop's history is still being read is news, not history."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import customers, flows
from app.config import Config
from app.events import CustomerSeen, OrderSeen, OrderStatus, Person
from app.inbox.process import take_changes
from app.inbox.sync import apply_history
from app.models import Customer, Journey, Order, Store
from app.stores import backfill
from app.tenancy import store_transaction
from tests.conftest import Clock

ANA = Person(email="ana@example.com")
THANKS = """flow: thanks
name: {en: Thanks}
languages: [en]
purpose: post_sale
trigger: {event: order_placed}
holdout: 0%
steps:
  - send: {channel: email, message: hello, commercial: false}
messages:
  hello: {email: {en: {subject: Hello, body: Thank you}}}
"""


def order_at(moment: datetime, key: str) -> OrderSeen:
    return OrderSeen(
        order_key=key,
        number=f"#{key}",
        person=ANA,
        status=OrderStatus.PAID,
        currency="EUR",
        total_minor=1_000,
        placed_at=moment,
        updated_at=moment,
    )


def read(store_id: UUID, config: Config, *facts: OrderSeen | CustomerSeen) -> None:
    with store_transaction(store_id) as session:
        apply_history(session, facts, keys=config.keys)


def hear(store_id: UUID, config: Config, fact: OrderSeen, now: datetime) -> None:
    """The webhook of the same order."""
    with store_transaction(store_id) as session:
        incoming = [customers.Incoming(fact=fact, source="webhook", live=True)]
        changes = customers.apply(session, incoming, now, keys=config.keys)
        take_changes(session, session.get_one(Store, store_id), changes)


def all_of(store_id: UUID, column: object) -> list[object]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(column)))  # type: ignore[call-overload]


def test_an_order_placed_while_the_history_is_read_still_begins_its_journey(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        flows.import_flow(session, store, THANKS, clock.moment)
        flows.activate(session, store, "thanks", clock.moment)
        backfill.start(session)
    old, clock_then = order_at(clock.moment - timedelta(days=9), "1"), clock.advance(minutes=5)
    new = order_at(clock_then, "2")

    read(store_id, config, old, new)
    assert all_of(store_id, Order.order_key) == ["1"]
    assert all_of(store_id, Journey.entry_key) == []

    hear(store_id, config, new, clock.moment)
    assert sorted(map(str, all_of(store_id, Order.order_key))) == ["1", "2"]
    assert len(all_of(store_id, Journey.entry_key)) == 1


def test_a_person_who_comes_while_the_history_is_read_is_left_to_their_webhook(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    with store_transaction(store_id) as session:
        backfill.start(session)
    moment = clock.advance(minutes=5)

    read(store_id, config, CustomerSeen(person=ANA, created_at=moment, updated_at=moment))

    assert all_of(store_id, Customer.email) == []
