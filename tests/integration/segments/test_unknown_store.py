"""A store that is larger than PostgreSQL has noticed: it was imported since the tables were last
analysed, in a database where other stores have been for long."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.customers import consent, snapshot_rows
from app.models import Customer, Store
from app.models.rows import listed
from app.segments import matching, of_everybody, parse_condition
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON
from tests.conftest import Machine, MakeStore
from tests.explaining import most_rows

KNOWN, UNKNOWN = 25_000, 600
"""Below 9,000 known people a store is taken for so few that reading it whole is the cheaper way."""

SOME = 20
SILENT = {"customer.last_order": {"before": "60 days"}}
MAILED = {"consent.email": {"is": "subscribed"}}
OF_EVERYBODY: list[dict[str, Any]] = [
    MAILED,
    {"all": [SILENT, MAILED]},
    {"cart.total": {"at_least": 20}},
    {"last_order.total": {"at_least": 50}},
    {"products.bought_titles": {"includes": "Tea"}},
    {"products.bought_categories": {"includes": "Tea"}},
    {"events.order_placed": {"count_at_least": 2, "within": "90 days"}},
    {"events.link_clicked": {"count_at_most": 0, "within": "90 days"}},
]
OF_SOME = {
    "people": snapshot_rows.PEOPLE,
    "consent": consent.OWN_AND_SHARED,
    "carts": snapshot_rows.CARTS,
    "orders": snapshot_rows.ORDERS,
    "events": snapshot_rows.EVENTS,
}


@pytest.fixture
def unknown(make_store: MakeStore, database: Machine) -> Iterator[tuple[Session, list[UUID]]]:
    store_id = make_store()
    populate(database.owner_url, make_store(), KNOWN)
    populate(database.owner_url, store_id, UNKNOWN, analyse=False)
    with store_transaction(store_id) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))  # So few rows would be read whole.
        yield session, list(session.scalars(select(Customer.customer_id)))


def test_nobody_is_looked_through_once_for_each_other_and_a_few_are_looked_up(
    unknown: tuple[Session, list[UUID]],
) -> None:
    session, people = unknown
    store = session.get_one(Store, session.info["store_id"])
    for raw in OF_EVERYBODY:
        asked = matching(session, parse_condition(raw, "test"), store, NOON)
        with of_everybody(session):
            assert most_rows(session, asked, {}) <= 10 * len(people), raw

    of_some = {"store": store.store_id, "people": listed(people[:SOME]), "since": NOON}
    of_some |= {"used_since": NOON}
    for part, statement in OF_SOME.items():
        assert most_rows(session, statement, of_some) <= 10 * SOME, part
