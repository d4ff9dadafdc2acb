from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Store
from app.segments import matching, parse_condition
from app.segments.facts import FACTS
from app.segments.operators import OPERATORS
from app.tenancy import store_transaction
from tests.conftest import Machine, MakeStore
from tests.integration.segments.people import NOW, write

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


def _busy(place: int) -> dict[str, Any]:
    """Somebody with a row in every table that a condition looks into."""
    cart = {
        "status": "abandoned",
        "currency": "EUR",
        "total_minor": 2_000,
        "lines": [("p1", 1)],
        "changed_at": NOW,
        "abandoned_at": NOW,
    }
    choice = {"channel": "sms", "state": "subscribed", "source": "form", "occurred_at": NOW}
    return {
        **NOBODY,
        "consent": [choice],
        "carts": [cart],
        "orders": [order(place / 4, f"product {place}")],
        "acts": [("link_clicked", NOW)],
    }


LOOKED_UP: list[tuple[dict[str, Any], str]] = [
    (
        {
            "all": [
                {"customer.last_order": {"before": "60 days"}},
                {"customer.last_order": {"within": "61 days"}},
            ]
        },
        "ix_customers_last_order",
    ),
    ({"products.bought": {"includes": "product 7"}}, "ix_order_lines_product"),
    ({"consent.sms": {"is": "subscribed"}}, "ix_consent_ledger_customer"),
    ({"cart.total": {"at_least": 20}}, "ix_carts_customer"),
    ({"events.link_clicked": {"count_at_least": 1}}, "ix_event_log_customer"),
]


def test_a_segment_is_found_through_indexes(store_id: UUID, database: Machine) -> None:
    with store_transaction(store_id) as session:
        for place in range(400):
            write(session, store_id, _busy(place))
    with database.owner.begin() as connection:
        connection.execute(text("ANALYZE"))

    with store_transaction(store_id) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))  # So few rows would be read whole.
        plans = [(_plan(session, raw), index) for raw, index in LOOKED_UP]

    assert [index for plan, index in plans if index not in plan] == []


def _plan(session: Session, raw: Any) -> str:
    store = session.get_one(Store, session.info["store_id"])
    statement = matching(parse_condition(raw, "test"), store, NOW)
    sql = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    return "\n".join(session.scalars(text(f"EXPLAIN {sql}".replace(":", "\\:"))))
