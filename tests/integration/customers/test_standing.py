"""Where everybody stands: the database follows the rules of the pure modules, person by person."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.customers.grades import Measure
from app.customers.measuring import bounds_of, measure
from app.customers.stages import Inactivity, Stage, silent_days, stage_of
from app.customers.standing import stand, stand_due, stand_part
from app.models import Customer, Standing, StandingChange, Store, new_id
from app.science.rfm import Bounds, Group, grades, group_of
from app.stores.settings import StoreSettings, read_settings
from app.tenancy import store_transaction
from tests.conftest import START
from tests.integration.reports.shop import person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAYS = (0, 1, 6, 7, 13, 14, 29, 30, 44, 45, 59, 60, 90, 91, 400)

moments = st.sampled_from(DAYS).map(lambda days: NOW - timedelta(days=days)) | st.integers(
    -600, 600_000
).map(lambda minutes: NOW - timedelta(minutes=minutes, microseconds=1))


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    orders = draw(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 10, 40]))
    placed = sorted(draw(st.lists(moments, min_size=2, max_size=2))) if orders else [None, None]
    return {
        "orders_count": orders,
        "spent_minor": draw(st.integers(0, 8)) * 500 if orders else 0,
        "first_order_at": placed[1] if orders == 1 else placed[0],
        "last_order_at": placed[1],
        "last_active_at": draw(moments) if orders else draw(st.none() | moments),
        "first_seen_at": NOW,
    }


def write(session: Session, store_id: UUID, crowd: list[dict[str, Any]]) -> list[UUID]:
    ids = [new_id() for _ in crowd]
    rows = [
        {"store_id": store_id, "customer_id": key} | row
        for key, row in zip(ids, crowd, strict=True)
    ]
    session.execute(insert(Customer), rows)
    return ids


def days_since(moment: datetime) -> int:
    return (NOW - moment) // timedelta(days=1)


def by_the_rules(person: dict[str, Any], all_spent: list[int]) -> tuple[Any, ...]:
    """Recency, frequency, money, group, inactivity and stage of one person."""
    silent = None
    if person["last_active_at"] is not None:
        reached = np.searchsorted(silent_days(None), days_since(person["last_active_at"]), "right")
        silent = list(Inactivity)[int(reached)]
    if not person["orders_count"]:
        return None, None, None, None, silent, stage_of(0, None, None, silent)
    spent = np.array(all_spent, float)
    found = grades(
        np.full(len(spent), days_since(person["last_order_at"])),
        np.full(len(spent), person["orders_count"]),
        spent,
    )
    place = all_spent.index(person["spent_minor"])
    code = int(found.recency[0]), int(found.frequency[0]), int(found.money[place])
    group = group_of(*code)
    first = days_since(person["first_order_at"])
    return *code, group, silent, stage_of(person["orders_count"], first, group, silent)


def standings(session: Session) -> dict[UUID, Standing]:
    return {row.customer_id: row for row in session.scalars(select(Standing))}


@pytest.mark.requirement(7, 8, 22, 23, 24)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(crowd=st.lists(people(), min_size=1, max_size=12))
def test_the_database_and_the_rules_agree(store_id: UUID, crowd: list[dict[str, Any]]) -> None:
    spent = [one["spent_minor"] for one in crowd if one["orders_count"]]
    with store_transaction(store_id) as session:
        ids = write(session, store_id, crowd)
        store = session.get_one(Store, store_id)
        by = bounds_of(measure(session, store, NOW), StoreSettings())

        stand_part(session, by, NOW)

        found = standings(session)
        for key, person in zip(ids, crowd, strict=True):
            row = found[key]
            stands = (row.recency, row.frequency, row.money, row.rfm_group, row.inactivity)
            assert (*stands, row.stage) == by_the_rules(person, spent), person
        assert stand_part(session, by, NOW) == (0, None), "nothing has changed since"
        session.execute(delete(Customer))


LOYAL = {
    "orders_count": 6,
    "spent_minor": 9_000,
    "first_order_at": NOW - timedelta(days=300),
    "last_order_at": NOW - timedelta(days=2),
    "last_active_at": NOW - timedelta(days=2),
    "first_seen_at": NOW - timedelta(days=300),
}
BY = Measure(Bounds(), (1_000, 2_000, 3_000, 4_000), silent_days(None))


def test_each_change_is_kept_with_its_moment_and_the_first_standing_is_none(
    store_id: UUID,
) -> None:
    later = NOW + timedelta(days=12)
    with store_transaction(store_id) as session:
        (key,) = write(session, store_id, [LOYAL])
        assert stand_part(session, BY, NOW)[0] == 1
        assert session.scalars(select(StandingChange)).all() == []

        assert stand_part(session, BY, later)[0] == 1

        session.expire_all()
        changes = {
            row.kind: (row.was, row.became, row.changed_at)
            for row in session.scalars(select(StandingChange))
        }
        assert changes == {
            "rfm_group": (Group.CHAMPIONS, Group.LOYAL, later),
            "inactivity": (Inactivity.ACTIVE, Inactivity.COOLING, later),
            "stage": (Stage.CHAMPION, Stage.LOYAL, later),
        }
        row = standings(session)[key]
        assert (row.group_at, row.inactivity_at, row.stage_at) == (later, later, later)


def money_of(store_id: UUID, people: list[UUID], chosen: dict[str, int]) -> list[int | None]:
    """Their grades of money in a store with these bounds, all of them and one alone."""
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        store.settings = {"standing": chosen}
        by = bounds_of(measure(session, store, START), read_settings(store.settings))
        stand_part(session, by, START)
        assert stand(session, by, START, people[:1]) == 0, "one by one as all together"
        found = standings(session)
        return [found[key].money for key in people]


@pytest.mark.requirement(24)
def test_money_is_graded_over_the_days_back_that_a_store_has_chosen(store_id: UUID) -> None:
    now, long_ago = START - timedelta(days=364), START - timedelta(days=366)
    rich = {"at": long_ago, "total_minor": 100_000}
    foreign = {"at": now, "total_minor": 100_000, "currency": "USD"}
    refunded = {"at": now, "total_minor": 9_000, "refunded_minor": 7_000}
    people = [
        person(store_id, [rich]),
        person(store_id, [rich, {"at": now, "total_minor": 1_000}]),
        person(store_id, [foreign, refunded]),
        person(store_id, [{"at": now, "total_minor": 3_000}]),
        person(store_id, [{"at": now, "total_minor": 4_000}]),
    ]

    assert money_of(store_id, people, {"money_days": 365}) == [1, 2, 3, 4, 5]
    assert money_of(store_id, people, {}) == [3, 4, 5, 1, 2]


def test_some_are_looked_at_alone(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        one, other = write(session, store_id, [LOYAL, LOYAL])

        assert stand(session, BY, NOW, [one]) == 1

        assert standings(session).keys() == {one}
        assert stand_part(session, BY, NOW)[0] == 1
        assert standings(session).keys() == {one, other}


@pytest.mark.parametrize(("erased", "orders"), [(NOW, 6), (None, 0)])
def test_who_was_erased_stands_nowhere_and_who_never_came_is_a_prospect(
    store_id: UUID, erased: datetime | None, orders: int
) -> None:
    nobody = LOYAL | {"orders_count": orders, "erased_at": erased, "last_active_at": None}
    with store_transaction(store_id) as session:
        write(session, store_id, [nobody])
        stand_part(session, BY, NOW)

        stages = [row.stage for row in standings(session).values()]
    assert stages == ([] if erased else [Stage.PROSPECT])


def test_the_clock_of_a_store_follows_its_own_rhythm() -> None:
    assert silent_days(None) == silent_days(30) == (14, 30, 45, 60, 91)
    assert silent_days(60) == (28, 60, 90, 120, 182)
    for rhythm in (0.01, 1.0, 7.0, 400.0, 9_999.0):
        assert sorted(set(silent_days(rhythm))) == list(silent_days(rhythm))


def test_an_order_that_is_looked_back_to_no_more_moves_its_buyer(store_id: UUID) -> None:
    key = person(store_id, [{"at": START - timedelta(days=29), "total_minor": 4_000}])
    by = Measure(Bounds(), (1_000, 2_000, 3_000, 4_000), (900, 901, 902, 903, 904), money_days=30)
    grades_of_money = []
    with store_transaction(store_id) as session:
        for days in (0, 0.5, 1.5):
            stand_due(session, by, START + timedelta(days=days))
            session.expire_all()
            grades_of_money.append(standings(session)[key].money)

    assert grades_of_money == [5, 5, 1]
