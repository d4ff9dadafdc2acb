"""A person asks for their data: the merchant is told whose, and nothing of it is kept beside."""

from uuid import UUID

from sqlalchemy import func, select

from app import clock, customers
from app.config import Config
from app.events import CustomerSeen, DataRequested, Person
from app.inbox.connection_facts import act, erase_person
from app.models import Customer, Notice
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction
from tests.conftest import START

ANA = Person(platform_key="7", email="ana@example.com", first_name="Ana")


def ask(store_id: UUID, config: Config, person: Person = ANA) -> None:
    fact = DataRequested(person=person, request_key="99", updated_at=START)
    with store_transaction(store_id) as session:
        act(session, this_store(session), fact, config)


def ana_comes(store_id: UUID) -> UUID:
    seen = CustomerSeen(person=ANA, updated_at=START)
    with store_transaction(store_id) as session:
        incoming = customers.Incoming(fact=seen, source="webhook", live=True)
        customers.apply(session, [incoming], clock.now())
        return session.scalars(select(Customer.customer_id)).one()


def test_a_data_request_keeps_whose_it_is_and_not_the_data(store_id: UUID, config: Config) -> None:
    ana = ana_comes(store_id)

    ask(store_id, config)
    ask(store_id, config)

    with store_transaction(store_id) as session:
        notice = session.scalars(select(Notice)).one()
    assert (notice.kind, notice.customer_id, notice.details) == ("data_request", ana, {})
    assert "ana@" not in notice.title


def test_forgetting_a_person_forgets_that_they_asked(store_id: UUID, config: Config) -> None:
    ana = ana_comes(store_id)
    ask(store_id, config)

    with store_transaction(store_id) as session:
        person = session.get_one(Customer, (store_id, ana))
        erase_person(session, this_store(session), person, config)

    with store_transaction(store_id) as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 0


def test_a_request_of_somebody_unknown_is_told_too(store_id: UUID, config: Config) -> None:
    ask(store_id, config)

    with store_transaction(store_id) as session:
        notice = session.scalars(select(Notice)).one()
    assert (notice.kind, notice.customer_id) == ("data_request_unknown", None)
    assert "ana@" not in f"{notice.title} {notice.details}"
