"""Everybody is walked through once a day, and who does something moves at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app import customers, jobs
from app.config import Config
from app.customers import erase_customer
from app.customers.signals import Signal
from app.customers.stages import Inactivity, Stage
from app.events import Person
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.inbox.sweep import due_stores
from app.models import Customer, Standing, StandingChange, Store, StoreMeasure, StoreStatus
from app.tenancy import store_transaction
from tests.conftest import START, Clock
from tests.integration.customers.people import cart, order, seen, tell

ANA, BO = Person(email="ana@example.com"), Person(email="bo@example.com")
DAY = 24 * 60


def stages(store_id: UUID) -> dict[str | None, str]:
    with store_transaction(store_id) as session:
        rows = session.execute(
            select(Customer.email, Standing.stage).join(
                Standing,
                (Standing.store_id == Customer.store_id)
                & (Standing.customer_id == Customer.customer_id),
            )
        )
        return {row.email: row.stage for row in rows}


def due(store_id: UUID) -> datetime:
    with store_transaction(store_id) as session:
        return session.get_one(StoreMeasure, store_id).due_at


@pytest.fixture
def walked(store_id: UUID, clock: Clock) -> UUID:
    """A store that has just been walked through: Ana has bought and Bo was only seen."""
    tell(store_id, order("1", 0, ANA), seen(0, email="bo@example.com"))
    keep_rhythm(store_id)
    assert store_id in due_stores()["standing"]
    assert keep_standing(store_id) == 0
    return store_id


@pytest.mark.requirement(2, 7, 8)
def test_a_store_that_was_never_walked_through_is_at_its_first_look(walked: UUID) -> None:
    assert stages(walked) == {"ana@example.com": Stage.NEW, "bo@example.com": Stage.PROSPECT}
    assert walked not in due_stores()["standing"]
    assert due(walked) == START + timedelta(days=1)


def test_who_does_something_moves_at_once(walked: UUID) -> None:
    tell(walked, order("2", 1, BO), order("3", 2, Person(email="cy@example.com")))

    found = stages(walked)
    assert found["bo@example.com"] == found["cy@example.com"] == Stage.NEW


@pytest.mark.requirement(72)
def test_a_cart_that_was_left_is_a_sign_as_soon_as_it_is_found_cold(
    walked: UUID, clock: Clock
) -> None:
    clock.advance(hours=1)
    tell(walked, cart("c1", minutes=60, person=BO))
    clock.advance(hours=3)

    keep_rhythm(walked)

    with store_transaction(walked) as session:
        signals = session.scalars(select(Standing.signals)).all()
    assert [Signal.CART_LEFT] in signals


def test_after_the_log_was_told_again_everybody_is_looked_at(walked: UUID, clock: Clock) -> None:
    with store_transaction(walked) as session:
        session.execute(update(Standing).values(stage="never looked at"))
        customers.rebuild(session)

    keep_standing(walked)

    assert set(stages(walked).values()) == {Stage.NEW, Stage.PROSPECT}


@pytest.mark.requirement(5)
def test_time_alone_moves_people_and_the_change_is_kept(walked: UUID, clock: Clock) -> None:
    clock.advance(days=46)
    assert walked in due_stores()["standing"]

    keep_standing(walked)

    assert stages(walked)["ana@example.com"] == Stage.AT_RISK
    with store_transaction(walked) as session:
        kept = session.scalars(select(StandingChange).where(StandingChange.kind == "inactivity"))
        assert [(row.was, row.became, row.changed_at) for row in kept] == [
            (Inactivity.ACTIVE, Inactivity.CHURN_RISK, clock())
        ]


def test_a_large_store_is_walked_through_in_parts(walked: UUID, clock: Clock) -> None:
    tell(walked, *(order(f"n{n}", 5, Person(email=f"n{n}@example.com")) for n in range(5)))
    clock.advance(days=50)

    rounds = []
    for _ in range(4):
        with store_transaction(walked) as session:
            store = session.get_one(Store, walked)
            rounds.append(customers.walk(session, store, clock(), most=3))

    assert rounds == [True, True, False, False]
    assert set(stages(walked).values()) == {Stage.AT_RISK, Stage.PROSPECT}
    assert due(walked) == clock() + timedelta(days=1)


def a_part(store_id: UUID, clock: Clock, most: int = 3) -> bool:
    with store_transaction(store_id) as session:
        return customers.walk(session, session.get_one(Store, store_id), clock(), most)


def choose(store_id: UUID) -> None:
    """Other bounds, by which every buyer has been lost for long."""
    with store_transaction(store_id) as session:
        chosen: dict[str, Any] = {"standing": {"silent_days": [1, 2, 3, 4, 5]}}
        session.get_one(Store, store_id).settings = chosen


@pytest.fixture
def in_parts(walked: UUID, clock: Clock) -> UUID:
    """A store of seven, which was walked through ten days ago."""
    tell(walked, *(order(f"n{n}", 5, Person(email=f"n{n}@example.com")) for n in range(5)))
    clock.advance(days=10)
    return walked


def test_rules_that_change_on_the_way_are_those_by_which_all_are_looked_at(
    in_parts: UUID, clock: Clock
) -> None:
    assert a_part(in_parts, clock)
    choose(in_parts)  # As a release that works out something otherwise.

    while a_part(in_parts, clock):
        pass

    assert set(stages(in_parts).values()) == {Stage.AT_RISK, Stage.PROSPECT}


def test_bounds_that_were_chosen_just_before_a_walk_began_are_its_own(
    in_parts: UUID, clock: Clock
) -> None:
    with store_transaction(in_parts) as session:
        store = session.get_one(Store, in_parts)
        choose(in_parts)
        customers.walk(session, store, clock())

    assert set(stages(in_parts).values()) == {Stage.AT_RISK, Stage.PROSPECT}


def test_facts_that_waited_for_a_walk_by_other_bounds_are_looked_at_by_them_too(
    in_parts: UUID, clock: Clock
) -> None:
    incoming = [customers.Incoming(fact=order("z", 5, ANA), source="webhook", live=True)]
    with store_transaction(in_parts) as session:
        known = session.get_one(Store, in_parts)
        choose(in_parts)
        while a_part(in_parts, clock):
            pass

        assert not known.settings, "as a worker has read it before its turn came"
        customers.apply(session, incoming, clock())

    assert stages(in_parts)["ana@example.com"] == Stage.AT_RISK


def test_a_walk_that_is_asked_for_at_the_moment_of_another_is_not_forgotten_with_its_end(
    in_parts: UUID, clock: Clock
) -> None:
    assert a_part(in_parts, clock)
    with store_transaction(in_parts) as session:
        before = session.get_one(StoreMeasure, in_parts)
        with store_transaction(in_parts) as history:
            history.execute(update(Standing).values(stage="never looked at"))
            customers.ask_for_a_walk(history, clock())
        customers.walk(session, session.get_one(Store, in_parts), clock())
        assert before.walked_to is None

    assert set(stages(in_parts).values()) == {Stage.NEW, Stage.PROSPECT}


def test_a_history_that_has_been_read_and_a_store_that_has_left(walked: UUID, clock: Clock) -> None:
    with store_transaction(walked) as session:
        customers.ask_for_a_walk(session, clock())
    assert walked in due_stores()["standing"]

    with store_transaction(walked) as session:
        session.get_one(Store, walked).status = StoreStatus.UNINSTALLED
    assert keep_standing(walked) == 0

    assert walked not in due_stores()["standing"]


def test_who_is_erased_stands_nowhere(walked: UUID, clock: Clock, config: Config) -> None:
    clock.advance(days=46)
    keep_standing(walked)
    with store_transaction(walked) as session:
        ana = session.scalars(select(Customer).where(Customer.email == ANA.email)).one()

        erase_customer(session, ana, keys=config.keys, now=clock())

    assert stages(walked) == {"bo@example.com": Stage.PROSPECT}
    with store_transaction(walked) as session:
        assert session.scalars(select(StandingChange)).all() == []


def test_the_walk_is_a_duty_that_workers_know() -> None:
    assert "standing" in jobs.PATIENT
