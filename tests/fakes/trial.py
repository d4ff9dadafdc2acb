"""A flow that tries a subject, and people who were written to in it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock, flows
from app.models import Customer, Draw, Flow, Journey, Message, Store, new_id
from app.tenancy import store_transaction

SOURCE = """flow: hello
name: {en: Hello}
languages: [en]
purpose: service
trigger: {event: page_viewed}
steps: [{id: subject, send: {channel: email, message: hello}}]
messages:
  hello: {email: {en: {subject: A, body: B}, variants: {short: {en: {subject: C}}}}}
"""


def try_subjects(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        store = session.scalars(select(Store)).one()
        flows.import_flow(session, store, SOURCE, clock.now())
        flows.activate(session, store, "hello", clock.now())


def write_to(store_id: UUID, way: str, people: int, clicking: int) -> None:
    """People who were drawn into a way and got its message, the first of whom clicked at once."""
    with store_transaction(store_id) as session:
        flow_id = session.scalars(select(Flow.flow_id)).one()
        ids = [new_id() for _ in range(people)]
        of_store = {"store_id": store_id, "flow_id": flow_id}
        session.add_all(
            Customer(store_id=store_id, customer_id=each, first_seen_at=clock.now()) for each in ids
        )
        session.flush()
        at = clock.now()
        for place, each in enumerate(ids):
            person = {**of_store, "customer_id": each}
            session.add(Draw(**person, step="subject", way=way, drawn_at=at))
            session.add(Journey(**person, journey_id=each, version=1, entry_key="1", arm="treated"))
            session.add(
                _message(person, way, at + timedelta(hours=1) if place < clicking else None)
            )


def _message(person: dict[str, UUID], way: str, clicked_at: object) -> Message:
    at = clock.now()
    return Message(
        **person,
        journey_id=person["customer_id"],
        version=1,
        step="subject",
        channel="email",
        name="hello",
        variant=way,
        purpose="service",
        commercial=True,
        basis="opt_in",
        status="delivered",
        locale="en",
        due_at=at,
        sent_at=at,
        clicked_at=clicked_at,
    )
