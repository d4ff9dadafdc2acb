"""A flow that has held half of its people out."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock, flows
from app.models import Customer, Flow, Journey, Store, new_id
from app.tenancy import store_transaction
from tests.fakes.orders import paid_order

SOURCE = """flow: gift
name: {en: Gift}
languages: [en]
purpose: service
trigger: {event: page_viewed}
holdout: 50%
steps: [{exit: {}}]
"""


def switch_on(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        store = session.scalars(select(Store)).one()
        flows.import_flow(session, store, SOURCE, clock.now())
        flows.activate(session, store, "gift", clock.now())


def enter(store_id: UUID, arm: str, people: int, buyers: int) -> None:
    """People on one side, the first of whom buy for 30 euros a day later."""
    with store_transaction(store_id) as session:
        flow_id = session.scalars(select(Flow.flow_id).where(Flow.slug == "gift")).one()
        ids = [new_id() for _ in range(people)]
        session.add_all(
            Customer(store_id=store_id, customer_id=each, first_seen_at=clock.now()) for each in ids
        )
        session.flush()
        for place, each in enumerate(ids):
            session.add(
                Journey(
                    store_id=store_id,
                    flow_id=flow_id,
                    version=1,
                    customer_id=each,
                    entry_key="1",
                    arm=arm,
                    entered_at=clock.now(),
                )
            )
            if place < buyers:
                session.add(paid_order(store_id, each, clock.now() + timedelta(days=1)))
