from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import ConsentEntry, Customer, Store, new_id
from app.segments import matching, parse_condition
from app.segments.facts import FACTS
from app.segments.operators import OPERATORS
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.integration.segments.people import NOW, PRODUCTS, write

NOBODY: dict[str, Any] = {
    "first_seen_at": NOW,
    "consent": [],
    "carts": [],
    "orders": [],
    "acts": [],
    "tasks": [],
}


def found(session: Session, raw: Any) -> set[UUID]:
    store = session.get_one(Store, session.info["store_id"])
    return set(session.scalars(matching(parse_condition(raw, "test"), store, NOW)))


def order(days_ago: float, product: str) -> dict[str, Any]:
    return {
        "counts": True,
        "currency": "EUR",
        "total_minor": 2_000,
        "lines": [(product, 1)],
        "placed_at": NOW - timedelta(days=days_ago),
    }


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
    values = {
        "is_missing": True,
        "in": ["subscribed" if fact.choices else "x"],
        "not_in": ["subscribed" if fact.choices else "x"],
        "includes": "x",
        "includes_all": ["x", "y"],
        "starts_with": "x",
        "before": "60 days",
        "since": "2026-01-01",
        "within": "60 days",
    }
    plain: Any = {"choice": "subscribed", "text": "x", "yes or no": True}.get(fact.kind, 9)
    if name == "cart.status":
        values, plain = {**values, "in": ["active"], "not_in": ["active"]}, "active"
    with store_transaction(store_id) as session:
        write(session, store_id, NOBODY)

        for operator in OPERATORS[fact.kind]:
            assert len(found(session, {name: {operator: values.get(operator, plain)}})) <= 1


def _quiet_since(hours: int) -> dict[str, Any]:
    moment = NOW - timedelta(hours=hours)
    return {"customer_id": new_id(), "first_seen_at": NOW, "last_order_at": moment}


def _agreed(session: Session, store_id: UUID) -> list[ConsentEntry]:
    ids = session.scalars(select(Customer.customer_id).where(Customer.store_id == store_id))
    values = {"channel": "sms", "state": "subscribed", "source": "form", "occurred_at": NOW}
    return [
        ConsentEntry(store_id=store_id, customer_id=id_, entry_key=str(id_), **values)
        for id_ in ids
    ]


@pytest.mark.parametrize(
    ("raw", "index"),
    [
        (
            {
                "all": [
                    {"customer.last_order": {"before": "60 days"}},
                    {"customer.last_order": {"within": "61 days"}},
                ]
            },
            "ix_customers_last_order",
        ),
        ({"products.bought": {"includes": "rare"}}, "ix_order_lines_product"),
        ({"consent.sms": {"is": "subscribed"}}, "ix_consent_ledger_customer"),
        ({"cart.total": {"at_least": 20}}, "ix_carts_customer"),
        ({"events.link_clicked": {"count_at_least": 1}}, "ix_event_log_customer"),
    ],
)
def test_a_segment_is_found_through_an_index(store_id: UUID, raw: Any, index: str) -> None:
    with store_transaction(store_id) as session:
        for place in range(1_500):
            session.add(Customer(store_id=store_id, **_quiet_since(place)))
        session.flush()
        session.add_all(_agreed(session, store_id))
        write(
            session,
            store_id,
            {**NOBODY, "orders": [order(place, PRODUCTS[0]) for place in range(40)]},
        )
        session.flush()
        session.execute(text("SET LOCAL enable_seqscan = off"))
        store = session.get_one(Store, store_id)
        statement = matching(parse_condition(raw, "test"), store, NOW)
        sql = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})

        plan = "\n".join(session.scalars(text(f"EXPLAIN {sql}".replace(":", "\\:"))))

        assert index in plan
