"""Everybody counts once, on the side of their first entry, with what they bought around it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.experiments.entrants import Entrants, read_entrants
from app.models import Customer, Flow, FlowVersion, Journey, Order, Store, new_id
from app.tenancy import store_transaction
from tests.conftest import START, MakeStore

FLOW = new_id()
THIRTY = timedelta(days=30)
NOW = START + timedelta(days=100)


@pytest.fixture
def shop(store_id: UUID) -> UUID:
    with_flow(store_id)
    return store_id


def with_flow(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        session.add(Flow(store_id=store_id, flow_id=FLOW, slug="gift", version=2))
        session.flush()
        for version in (1, 2):
            session.add(
                FlowVersion(store_id=store_id, flow_id=FLOW, version=version, source="flow: gift")
            )


def person(store_id: UUID, *entries: tuple[float, str], version: int = 1) -> UUID:
    """Somebody who entered so many days after the start, each time on a side."""
    customer_id = new_id()
    with store_transaction(store_id) as session:
        session.add(Customer(store_id=store_id, customer_id=customer_id, first_seen_at=START))
        session.flush()
        for days, arm in entries:
            session.add(
                Journey(
                    store_id=store_id,
                    flow_id=FLOW,
                    version=version,
                    customer_id=customer_id,
                    entry_key=f"{days}",
                    arm=arm,
                    entered_at=START + timedelta(days=days),
                )
            )
    return customer_id


def buys(
    store_id: UUID, customer_id: UUID, days: float, minor: int = 1_000, **more: object
) -> None:
    at = START + timedelta(days=days)
    row = {
        "store_id": store_id,
        "order_key": str(new_id()),
        "number": "1",
        "customer_id": customer_id,
        "status": "paid",
        "currency": "EUR",
        "total_minor": minor,
        "placed_at": at,
        "source_updated_at": at,
        "version": "1",
        "counts": True,
        **more,
    }
    with store_transaction(store_id) as session:
        session.add(Order(**row))


def read(store_id: UUID, now: datetime = NOW, second: int = 10) -> Entrants:
    with store_transaction(store_id) as session:
        store = session.scalars(select(Store)).one()
        return read_entrants(session, store, (FLOW, {1: 10, 2: second}), THIRTY, now)


def test_only_what_lies_in_the_days_after_the_first_entry_is_the_outcome(shop: UUID) -> None:
    ana = person(shop, (10, "treated"), (50, "treated"))
    for days, minor in ((9, 700), (10, 50), (10.01, 1), (40, 20), (40.01, 4_000), (60, 8_000)):
        buys(shop, ana, days, minor)

    found = read(shop)

    assert (found.spent.tolist(), found.earlier.tolist()) == ([21.0], [750.0])
    assert found.bought.tolist() == [True]
    assert found.earlier_until[0] <= found.entered[0]


def test_what_is_no_purchase_or_other_money_is_none(shop: UUID) -> None:
    ana = person(shop, (10, "holdout"))
    buys(shop, ana, 11, counts=False)
    buys(shop, ana, 12, currency="USD")
    buys(shop, ana, 13, deleted_at=START)
    buys(shop, ana, -400)
    buys(shop, ana, 14, minor=900, refunded_minor=300)

    found = read(shop)

    assert (found.treated.tolist(), found.spent.tolist()) == ([False], [600.0])
    assert found.earlier.tolist() == [0.0]


def test_an_order_in_other_money_is_a_purchase_and_no_money(shop: UUID) -> None:
    ana = person(shop, (10, "treated"))
    buys(shop, ana, 12, currency="USD")

    found = read(shop)

    assert (found.bought.tolist(), found.spent.tolist()) == ([True], [0.0])


def test_who_entered_too_lately_waits_and_a_version_without_holdout_is_no_experiment(
    shop: UUID,
) -> None:
    person(shop, (10, "treated"))
    person(shop, (71, "treated"))
    person(shop, (10, "treated"), version=2)
    person(shop, (71, "treated"), version=2)

    found = read(shop, second=0)

    assert (len(found.treated), found.waiting) == (1, 1)
    assert found.held_out.tolist() == [0.1]


def test_a_flow_nobody_entered_has_nobody(shop: UUID) -> None:
    assert len(read(shop).treated) == 0


def test_another_shop_s_people_are_not_counted(shop: UUID, make_store: MakeStore) -> None:
    other = make_store()
    with_flow(other)
    person(other, (10, "treated"))

    assert len(read(shop).treated) == 0
    assert len(read(other).treated) == 1
