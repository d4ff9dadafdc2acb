"""Who has bought is told each night what is expected of them, by what is learnt each week."""

from datetime import datetime
from decimal import Decimal
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app import customers
from app.config import Config
from app.customers import erase_customer
from app.customers.forecasting import learn_again, study_of
from app.customers.predictions import tell_part
from app.inbox.forecasts import keep_forecasts
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.inbox.sweep import due_stores
from app.models import Customer, Forecast, Order, Prediction, Store, StoreStatus
from app.science.study import Study
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON
from tests.conftest import Clock, Machine
from tests.integration.customers.people import order, tell
from workers.jobs import build, drain

BUYERS = 640


def told(store_id: UUID) -> dict[UUID, Prediction]:
    with store_transaction(store_id) as session:
        return {row.customer_id: row for row in session.scalars(select(Prediction))}


def values(store_id: UUID) -> dict[UUID, tuple[Any, ...]]:
    return {
        row.customer_id: (row.will_buy, row.expected_orders, row.expected_value_minor, row.cluster)
        for row in told(store_id).values()
    }


def kept(store_id: UUID) -> Forecast:
    with store_transaction(store_id) as session:
        return session.get_one(Forecast, store_id)


def study(store_id: UUID) -> Study:
    found = study_of(kept(store_id))
    assert found is not None
    return found


def a_night(store_id: UUID) -> int:
    """The walk and what follows it; how many steps that took."""
    keep_standing(store_id)
    steps = 1
    while keep_forecasts(store_id):
        steps += 1
    return steps


@pytest.fixture
def crowd(store_id: UUID, database: Machine, clock: Clock) -> UUID:
    """A store of 800 people, of whom 640 have bought in the last 700 days."""
    clock.travel(NOON)
    populate(database.owner_url, store_id, 800)
    keep_rhythm(store_id)
    return store_id


@pytest.fixture
def known(crowd: UUID) -> UUID:
    a_night(crowd)
    return crowd


@pytest.mark.requirement(18, 19, 41)
def test_after_the_walk_everybody_who_has_bought_is_told(crowd: UUID) -> None:
    keep_standing(crowd)
    assert crowd in due_stores()["forecasts"]

    assert a_night(crowd) == 2

    rows = told(crowd).values()
    assert len(rows) == BUYERS
    for row in rows:
        assert row.will_buy is not None and 0 <= row.will_buy <= 100
        assert row.expected_orders is not None and row.expected_orders * 100 >= row.will_buy - 1
        assert row.expected_value_minor is not None and row.expected_value_minor > 0
        assert row.cluster in tuple("ABCD")
    found = study(crowd)
    assert found.contest is not None and found.contest.judged[found.contest.winner].people > 500
    assert sum(found.sizes.values()) == BUYERS
    assert kept(crowd).told_at == NOON
    assert crowd not in due_stores()["forecasts"]


def test_only_what_changed_is_written_and_only_weekly_anything_learnt(
    known: UUID, clock: Clock
) -> None:
    before = told(known)
    clock.advance(days=1)
    a_night(known)

    after = told(known)
    changed = [one for one in after if after[one].predicted_at == clock()]
    assert 0 < len(changed) < BUYERS
    assert all(after[one].predicted_at == NOON for one in before if one not in changed)
    assert kept(known).learnt_at == NOON

    letters = {one: row.cluster for one, row in after.items()}
    clock.advance(days=6)
    a_night(known)
    assert kept(known).learnt_at == clock()
    again = told(known)
    stayed = sum(again[one].cluster == letter for one, letter in letters.items())
    assert stayed > 0.75 * BUYERS, "a group keeps its letter when it is found anew"
    assert [run["at"] for run in kept(known).runs] == [clock().isoformat(), NOON.isoformat()]


def test_a_night_that_was_cut_goes_on_where_it_was(crowd: UUID, clock: Clock) -> None:
    whole = a_night(crowd) and values(crowd)
    with store_transaction(crowd) as session:
        session.execute(update(Prediction).values(will_buy=Decimal("1.5")))
    clock.advance(hours=1)
    with store_transaction(crowd) as session:
        session.get_one(Forecast, crowd).due_at = clock()

    parts = []
    for most in (300, 300, 800):
        with store_transaction(crowd) as session:
            parts.append(tell_part(session, session.get_one(Store, crowd), clock(), most))

    assert parts == [True, True, False]
    assert values(crowd) == whole


def test_who_has_bought_nothing_any_more_or_is_erased_is_told_nothing(
    known: UUID, clock: Clock, config: Config
) -> None:
    gone, erased = list(told(known))[:2]
    with store_transaction(known) as session:
        session.execute(update(Order).where(Order.customer_id == gone).values(counts=False))
        erase_customer(
            session, session.get_one(Customer, (known, erased)), keys=config.keys, now=clock()
        )
    assert erased not in told(known)

    clock.advance(days=1)
    a_night(known)

    assert told(known).keys().isdisjoint({gone, erased})
    assert len(told(known)) == BUYERS - 2


def test_where_nothing_can_be_judged_nothing_is_told(known: UUID, clock: Clock) -> None:
    """After a year of silence nobody is there to learn from, but kinds of people are."""
    clock.advance(days=365)
    a_night(known)

    assert study(known).learnt.way is None
    assert {row[:3] for row in values(known).values()} == {(None, None, None)}
    assert all(row.cluster for row in told(known).values())


def test_a_history_that_has_been_read_is_learnt_from_at_once(known: UUID, clock: Clock) -> None:
    clock.advance(hours=1)
    with store_transaction(known) as session:
        customers.ask_for_a_walk(session, clock())
    a_night(known)

    assert kept(known).learnt_at == clock()


def test_one_worker_learns_and_another_an_hour_after_it_has_died(crowd: UUID, clock: Clock) -> None:
    keep_standing(crowd)
    with store_transaction(crowd) as session:
        assert customers.claim_learning(session, clock()) is not None  # And then it was killed.

    assert keep_forecasts(crowd) == 0
    assert crowd not in due_stores()["forecasts"]

    clock.advance(hours=1)
    assert crowd in due_stores()["forecasts"]
    a_night(crowd)
    assert len(told(crowd)) == BUYERS


def test_a_history_that_is_read_while_a_worker_learns_is_learnt_from_next(
    known: UUID, clock: Clock
) -> None:
    clock.advance(days=7)
    keep_standing(known)
    with store_transaction(known) as session:
        lease = customers.claim_learning(session, clock())
        assert lease is not None
    clock.advance(seconds=5)
    with store_transaction(known) as session:
        customers.ask_for_a_walk(session, clock())
    with store_transaction(known) as session:
        customers.keep_study(session, study(known), clock(), lease)

    clock.advance(seconds=5)
    a_night(known)

    assert kept(known).learnt_at == clock()


def test_nobody_begins_to_learn_while_a_part_is_told(known: UUID, clock: Clock) -> None:
    claimed: list[datetime | None] = []

    def learn() -> None:
        with store_transaction(known) as session:
            learn_again(session, clock())
            claimed.append(customers.claim_learning(session, clock()))

    clock.advance(days=1)
    keep_standing(known)
    learning = Thread(target=learn)
    with store_transaction(known) as session:
        assert not tell_part(session, session.get_one(Store, known), clock())
        learning.start()
        learning.join(timeout=1)
    learning.join()

    assert claimed == [None], "the end of the telling would have ended the claim with it"


def test_what_an_earlier_version_has_learnt_otherwise_is_learnt_anew(
    known: UUID, clock: Clock
) -> None:
    clock.advance(days=1)
    with store_transaction(known) as session:
        session.get_one(Forecast, known).study = {"of": "another shape"}

    a_night(known)

    assert kept(known).learnt_at == clock()
    assert len(told(known)) == BUYERS


def test_a_store_that_has_left_is_asked_nothing(known: UUID, clock: Clock) -> None:
    clock.advance(days=1)
    keep_standing(known)
    with store_transaction(known) as session:
        session.get_one(Store, known).status = StoreStatus.UNINSTALLED

    assert keep_forecasts(known) == 0
    assert known not in due_stores()["forecasts"]


def test_a_store_without_orders_has_nothing_to_tell(store_id: UUID, clock: Clock) -> None:
    tell(store_id, order("1", 0))
    keep_rhythm(store_id)

    assert a_night(store_id) == 2
    assert told(store_id) == {}
    assert len(study(store_id).missing) == 4


def test_telling_is_a_duty_that_a_worker_does(crowd: UUID, config: Config) -> None:
    keep_standing(crowd)
    build(config)

    assert drain("forecasts", str(crowd)) == 1

    assert len(told(crowd)) == BUYERS
    assert crowd not in due_stores()["forecasts"]
