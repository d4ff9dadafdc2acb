"""Flows that try a subject, or two ways, and people who were written to in them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock, flows
from app.models import Customer, Draw, Flow, Journey, Message, Store, new_id
from app.tenancy import store_transaction
from tests.fakes.orders import paid_order

SOURCE = """flow: hello
name: {en: Hello}
languages: [en]
purpose: service
trigger: {event: page_viewed}
steps: [{id: subject, send: {channel: email, message: hello}}]
messages:
  hello: {email: {en: {subject: A, body: B}, variants: {short: {en: {subject: C}}}}}
"""
SPLIT = (
    SOURCE.partition("steps:")[0]
    + """steps:
  - id: tone
    split:
      - {name: warm, share: 70, steps: [{id: warm, send: {channel: email, message: hello}}]}
      - {name: short, share: 30, steps: [{id: short, send: {channel: email, message: again}}]}
messages:
  hello: {email: {en: {subject: A, body: B}}}
  again: {email: {en: {subject: A, body: B}}}
"""
)


def try_subjects(store_id: UUID) -> None:
    switch_on(store_id, SOURCE)


def switch_on(store_id: UUID, source: str) -> None:
    with store_transaction(store_id) as session:
        store = session.scalars(select(Store)).one()
        flows.import_flow(session, store, source, clock.now())
        flows.activate(session, store, "hello", clock.now())


def write_to(store_id: UUID, way: str, people: int, answering: int, *, split: bool = False) -> None:
    """People who were drawn into a way and got its message. The first of them clicked within the
    hour; those of a split, whose ways are told apart by orders, bought then."""
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
            step = "tone" if split else "subject"
            session.add(Draw(**person, step=step, way=way, drawn_at=at))
            session.add(Journey(**person, journey_id=each, version=1, entry_key="1", arm="treated"))
            session.add(_message(person, way, split=split, clicked=place < answering and not split))
            if split and place < answering:
                session.add(paid_order(store_id, each, at + timedelta(hours=1)))


def _message(person: dict[str, UUID], way: str, *, split: bool, clicked: bool) -> Message:
    at = clock.now()
    return Message(
        **person,
        journey_id=person["customer_id"],
        version=1,
        step=way if split else "subject",
        channel="email",
        name="hello",
        variant=None if split else way,
        purpose="service",
        commercial=True,
        basis="opt_in",
        status="delivered",
        locale="en",
        due_at=at,
        sent_at=at,
        clicked_at=at + timedelta(hours=1) if clicked else None,
    )
