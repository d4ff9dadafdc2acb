"""A page shows some rows of a store, and puts about as many together, however large it is."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from app import customers, flows
from app.commands.demo_world import preset_source
from app.events import Person
from app.models import Customer, Decision, Store
from app.reasons import Outcome
from app.tenancy import store_transaction
from app.web.pages.decisions import decision_rows, of_flow
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON
from tests.benchmarks.past import FLOW, live_through
from tests.conftest import Clock, Machine
from tests.explaining import busiest, limits_before_it_joins
from tests.integration.customers.people import order, tell

MANY, SHOWN = 1_000, 20
ANA = Person(email="ana@example.com")


@pytest.fixture
def large(store_id: UUID, database: Machine, clock: Clock) -> UUID:
    """Everybody has bought and was in a flow; Ana has bought three times."""
    with store_transaction(store_id) as session:
        flows.import_flow(session, session.get_one(Store, store_id), preset_source(FLOW), NOON)
    populate(database.owner_url, store_id, MANY)
    live_through(database.owner_url, store_id, MANY)
    tell(store_id, *(order(f"ana-{n}", 10 * n, ANA) for n in range(3)))
    return store_id


def test_the_newest_decisions_are_found_before_anything_is_joined_to_them(large: UUID) -> None:
    with store_transaction(large) as session:
        store = session.get_one(Store, large)
        narrowed = ((), (of_flow(store, FLOW),), (Decision.outcome == Outcome.DONE,))
        for wanted in narrowed:
            asked = decision_rows(store, *wanted, most=SHOWN)
            assert len(session.execute(asked).all()) == SHOWN
            assert limits_before_it_joins(session, asked)


def test_a_person_s_timeline_looks_at_nobody_else_s_orders(large: UUID) -> None:
    with store_transaction(large) as session:
        ana = session.scalars(select(Customer.customer_id).where(Customer.email == ANA.email)).one()
        shown = customers.timeline(session, ana).entries

        numbers = [entry.values["number"] for entry in shown if entry.order_key]
        assert numbers == ["#ana-2", "#ana-1", "#ana-0"]
        session.execute(text("SET LOCAL enable_seqscan = off"))  # So few rows would be read whole.
        assert busiest(session, lambda: customers.timeline(session, ana)) <= 5 * SHOWN
