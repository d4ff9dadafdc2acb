from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Customer, Store
from app.segments import matching, parse_condition
from app.segments.facts import FACTS, find_fact
from app.segments.operators import OPERATORS, Kind
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.conftest import Machine, MakeStore
from tests.explaining import plan_of
from tests.integration.segments.people import NOBODY, NOW, order, write


def found(session: Session, raw: Any) -> set[UUID]:
    store = session.get_one(Store, session.info["store_id"])
    return set(session.scalars(matching(session, parse_condition(raw, "test"), store, NOW)))


def test_a_segment_never_holds_another_stores_people(make_store: MakeStore) -> None:
    ours, theirs = make_store(), make_store()
    with store_transaction(theirs) as session:
        write(session, theirs, NOBODY)
    with store_transaction(ours) as session:
        ana = write(session, ours, NOBODY)

        assert found(session, {"customer.score": {"is_missing": True}}) == {ana}


def test_an_erased_person_is_in_no_segment(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        write(session, store_id, {**NOBODY, "erased_at": NOW})

        assert found(session, {"none": [{"customer.country": {"is": "US"}}]}) == set()


def test_what_was_bought_is_remembered_for_fifty_orders(store_id: UUID) -> None:
    fifty_later = [order(1 + place / 100, "p2") for place in range(50)]
    with store_transaction(store_id) as session:
        write(session, store_id, {**NOBODY, "orders": [order(30, "p1"), *fifty_later]})
        recent = write(session, store_id, {**NOBODY, "orders": [order(30, "p1")]})

        assert found(session, {"products.bought": {"includes": "p1"}}) == {recent}


def test_what_only_a_journey_knows_is_refused_for_a_segment(store_id: UUID) -> None:
    with (
        store_transaction(store_id) as session,
        pytest.raises(InvalidInput, match="only known inside a flow"),
    ):
        found(session, {"since_entry.link_clicked": {"is": True}})


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_operator_of_a_fact_can_be_asked_of_the_database(name: str, store_id: UUID) -> None:
    fact = FACTS[name]
    choice = fact.choices[0] if fact.choices else "x"
    values = {
        "is_missing": True,
        "in": [choice],
        "not_in": [choice],
        "includes": "x",
        "includes_all": ["x", "y"],
        "starts_with": "x",
        "before": "60 days",
        "since": "2026-01-01",
        "within": "60 days",
    }
    plain: Any = {"choice": choice, "text": "x", "yes or no": True}.get(fact.kind, 9)
    with store_transaction(store_id) as session:
        write(session, store_id, NOBODY)

        for operator in OPERATORS[fact.kind]:
            assert len(found(session, {name: {operator: values.get(operator, plain)}})) <= 1


LOOKED_UP: list[tuple[dict[str, Any], str]] = [
    ({"consent.email": {"is": "subscribed"}}, "ix_consent_ledger_customer"),
    ({"cart.total": {"at_least": 20}}, "ix_carts_customer"),
    ({"last_order.total": {"at_least": 20}}, "ix_orders_customer"),
    ({"products.bought_titles": {"includes": "Tea"}}, "ix_orders_customer"),
    ({"events.order_placed": {"count_at_least": 2, "within": "90 days"}}, "ix_orders_customer"),
    ({"events.link_clicked": {"count_at_least": 1}}, "ix_event_log_acts"),
    ({"customer.will_buy": {"at_least": 20}}, "pk_predictions"),
]
LATELY = {"customer.last_order": {"within": "6 hours"}}


@pytest.fixture
def crowd(store_id: UUID, database: Machine) -> list[UUID]:
    populate(database.owner_url, store_id, 10_000)
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Customer.customer_id).order_by(Customer.customer_id)))


@pytest.fixture
def looking(store_id: UUID, crowd: list[UUID]) -> Iterator[Session]:
    with store_transaction(store_id) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))  # So few rows would be read whole.
        yield session


def test_a_segment_begins_at_the_index_that_says_most(looking: Session) -> None:
    on_one_day = [LATELY, {"customer.last_order": {"before": "1 hour"}}]

    assert "ix_customers_last_order" in _plan(looking, {"all": on_one_day})
    bought = {"products.bought": {"includes": "p7"}}
    assert "ix_order_lines_product" in _plan(looking, bought)


def test_a_few_people_are_looked_up_and_their_store_is_not_read(
    looking: Session, crowd: list[UUID]
) -> None:
    plans = [(_plan(looking, raw, crowd[:3]), index) for raw, index in LOOKED_UP]

    assert [index for plan, index in plans if index not in plan] == []


def test_what_the_customers_own_row_says_narrows_the_look_elsewhere(looking: Session) -> None:
    plans = [(_plan(looking, {"all": [LATELY, raw]}), index) for raw, index in LOOKED_UP]

    assert [index for plan, index in plans if index not in plan] == []


def test_no_other_table_is_asked_once_for_each_person(looking: Session) -> None:
    facts = [*(name for name in FACTS if name not in OWN_LINES), "events.link_clicked"]
    questions = [(name, _asked_of_everybody(name)) for name in facts]

    assert [name for name, raw in questions if "SubPlan" in _plan(looking, raw)] == []


def test_the_people_asked_about_are_the_only_ones_found(store_id: UUID, crowd: list[UUID]) -> None:
    asked = crowd[:3]
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        for raw, _ in LOOKED_UP:
            condition = parse_condition({"any": [raw, {"none": [raw]}]}, "test")

            assert set(session.scalars(matching(session, condition, store, NOW, asked))) == set(
                asked
            )


OWN_LINES = {
    "cart.quantity",  # Adds up the cart's own lines, which are in its row.
    "last_order.products",  # Counts newer orders, of those alone who have bought the product
    "products.bought",  # and have more orders than the question is about.
    "products.bought_titles",
    "products.bought_categories",
}


def _asked_of_everybody(name: str) -> dict[str, Any]:
    fact = find_fact(name)
    assert fact is not None
    if fact.kind is Kind.EVENT:
        return {name: {"count_at_most": 0}}
    return {name: {"is": True} if fact.kind is Kind.YES_NO else {"is_missing": True}}


def _plan(session: Session, raw: Any, people: Sequence[UUID] | None = None) -> str:
    store = session.get_one(Store, session.info["store_id"])
    statement = matching(session, parse_condition(raw, "test"), store, NOW, people)
    return plan_of(session, statement)
