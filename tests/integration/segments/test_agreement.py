"""A segment's SQL and the condition in memory choose the same people, whatever is asked of whom."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers import load_snapshots
from app.customers.snapshot import Snapshot
from app.models import Segment, Store
from app.segments import holds, matching, parse_condition
from app.tenancy import store_transaction
from tests.integration.segments.conditions import NAMED, conditions, segments
from tests.integration.segments.people import NOW, furnish, people, shops, write


def people_matching(session: Session, store: Store, raw: Any) -> set[UUID]:
    return set(session.scalars(matching(session, parse_condition(raw, "test"), store, NOW)))


def people_for_whom_it_holds(snapshots: Mapping[UUID, Snapshot], raw: Any) -> set[UUID]:
    condition = parse_condition(raw, "test")
    return {
        customer_id
        for customer_id, snapshot in snapshots.items()
        if holds(condition, snapshot, {}, NOW).result
    }


@pytest.fixture
def store(store_id: UUID) -> Store:
    with store_transaction(store_id) as session:
        found = session.get_one(Store, store_id)
        session.expunge(found)
    return found


@pytest.mark.requirement(41, 108)
@settings(
    max_examples=45, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    crowd=st.lists(people(), min_size=1, max_size=4),
    asked=st.lists(conditions(), min_size=9, max_size=15),
    shop=shops(),
)
def test_a_segment_holds_exactly_the_people_for_whom_its_condition_is_true(
    store: Store,
    crowd: list[dict[str, Any]],
    asked: list[dict[str, Any]],
    shop: dict[str, Any],
) -> None:
    with store_transaction(store.store_id) as session:
        furnish(session, store.store_id, shop)
        ids = [write(session, store.store_id, values) for values in crowd]
        snapshots = load_snapshots(session, ids, NOW)

        for raw in asked:
            in_sql = people_matching(session, store, raw)
            in_memory = people_for_whom_it_holds(snapshots, raw)

            assert in_sql == in_memory, raw
        session.execute(text("DELETE FROM customers"))


@pytest.mark.requirement(41)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    crowd=st.lists(people(), min_size=1, max_size=4),
    kept=segments(),
    asked=st.lists(conditions((*NAMED, "nobodys")), min_size=4, max_size=8),
)
def test_so_it_does_where_conditions_name_segments(
    store: Store,
    crowd: list[dict[str, Any]],
    kept: dict[str, dict[str, Any]],
    asked: list[dict[str, Any]],
) -> None:
    with store_transaction(store.store_id) as session:
        session.execute(text("DELETE FROM segments"))
        session.add_all(
            Segment(store_id=store.store_id, slug=slug, name=slug, written=json.dumps(raw))
            for slug, raw in kept.items()
        )
        ids = [write(session, store.store_id, values) for values in crowd]
        snapshots = load_snapshots(session, ids, NOW)

        for raw in (*asked, *({f"segment.{slug}": {"is": True}} for slug in NAMED)):
            assert people_matching(session, store, raw) == people_for_whom_it_holds(
                snapshots, raw
            ), raw
        for slug, raw in kept.items():
            assert people_matching(session, store, raw) == people_matching(
                session, store, {f"segment.{slug}": {"is": True}}
            )
        session.execute(text("DELETE FROM customers"))
