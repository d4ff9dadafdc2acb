"""How large every segment is, counted once a day for all of them together."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app import segments
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.inbox.sweep import due_stores
from app.models import (
    Customer,
    Prediction,
    Segment,
    SegmentDay,
    Standing,
    Store,
    StoreStatus,
)
from app.segments import Draft, matching, parse_condition
from app.segments.counting import counting
from app.segments.health import days_of, health
from app.segments.presets import PRESETS
from app.segments.trend import Trend
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.integration.segments.conditions import segments as kept_segments
from tests.integration.segments.people import NOBODY, NOW, order, people, write


def by_hand(session: Session, store: Store, segment: Segment) -> tuple[Any, ...]:
    """The figures of one segment, asked for itself."""
    condition = parse_condition({f"segment.{segment.slug}": {"is": True}}, "test")
    ids = session.scalars(matching(session, condition, store, NOW)).all()
    mine = session.scalars(select(Customer).where(Customer.customer_id.in_(ids))).all()
    of_theirs = (Standing.customer_id.in_(ids), Standing.stage == "at_risk")
    risky = session.scalars(select(Standing.customer_id).where(*of_theirs)).all()
    of_whom = (Prediction.customer_id.in_(ids), Prediction.will_buy.is_not(None))
    told = session.scalars(select(Prediction.will_buy).where(*of_whom)).all()
    spent = sum(customer.spent_minor for customer in mine)
    mean = round(spent / len(ids)) if ids else None
    risk = round(sum(100 - (each or 0) for each in told) / len(told), 1) if told else None
    return len(ids), mean, len(risky), len(told), risk


@pytest.mark.requirement(41, 42)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowd=st.lists(people(), max_size=5), kept=kept_segments())
def test_counted_together_each_is_as_large_as_asked_for_itself(
    store_id: UUID, crowd: list[dict[str, Any]], kept: dict[str, dict[str, Any]]
) -> None:
    with store_transaction(store_id) as session:
        session.execute(text("DELETE FROM segments"))
        session.execute(text("DELETE FROM customers"))
        store = session.get_one(Store, store_id)
        session.add_all(
            Segment(store_id=store_id, slug=slug, name=slug, written=json.dumps(raw), due_at=NOW)
            for slug, raw in kept.items()
        )
        for values in crowd:
            write(session, store_id, values)

        assert segments.count_due(session, store, NOW) == len(PRESETS) + len(kept)

        for found in health(session):
            assert found.today is not None
            now = found.today
            told = (now.people, now.mean_spent_minor, now.at_risk, now.predicted)
            by_itself = by_hand(session, store, found.segment)
            assert (*told, now.churn_risk) == by_itself, found.segment.slug


def test_each_table_is_read_once_for_all_segments(store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        segments.plant(session, clock())
        store = session.get_one(Store, store_id)
        asked = str(counting(session, store, segments.list_segments(session), clock()))

    looks = 2  # At what was used, and at how often people logged in, over whatever times.
    assert asked.count("FROM standings") == asked.count("FROM predictions") == 1
    assert asked.count("FROM event_log") == looks


def buys(store_id: UUID, days_ago: float) -> None:
    bought = order(days_ago, "p1")
    person = {**NOBODY, "orders": [bought], "last_active_at": bought["placed_at"], "stands": False}
    with store_transaction(store_id) as session:
        write(session, store_id, person)


def sizes(store_id: UUID) -> dict[str, int]:
    with store_transaction(store_id) as session:
        return {each.segment.slug: each.today.people for each in health(session) if each.today}


def work_off(store_id: UUID) -> None:
    while keep_standing(store_id):
        pass


@pytest.mark.requirement(42)
def test_after_the_day_s_walk_every_segment_is_counted(store_id: UUID, clock: Clock) -> None:
    buys(store_id, 1)
    keep_rhythm(store_id)
    work_off(store_id)
    first = sizes(store_id)
    clock.advance(days=1)

    assert store_id in due_stores()["standing"]
    clock.advance(days=49)
    work_off(store_id)

    assert set(first) == set(PRESETS)
    assert (first["new-customers"], first["likely-to-leave"]) == (1, 0)
    assert (sizes(store_id)["new-customers"], sizes(store_id)["likely-to-leave"]) == (0, 1)
    assert store_id not in due_stores()["standing"]


def test_more_segments_than_a_number_has_bits_are_counted_together(
    store_id: UUID, clock: Clock
) -> None:
    with store_transaction(store_id) as session:
        for number in range(70):
            written = f"customer.orders_count: {{at_least: {number % 2}}}"
            segments.keep(session, Draft(f"own-{number}", "Own", written), clock())
        write(session, store_id, NOBODY)
        write(session, store_id, {**NOBODY, "orders": [order(1, "p1")]})
        store = session.get_one(Store, store_id)
        assert segments.count_due(session, store, clock()) == len(PRESETS) + 70

    found = sizes(store_id)
    assert [found[f"own-{number}"] for number in range(70)] == [2, 1] * 35


def test_a_count_that_was_broken_off_goes_on_where_it_was(store_id: UUID, clock: Clock) -> None:
    counted: list[int] = []
    while not counted or counted[-1]:
        with store_transaction(store_id) as session:
            store = session.get_one(Store, store_id)
            counted.append(segments.count_due(session, store, clock(), most=9))
            before = len(session.scalars(select(SegmentDay)).all())

    assert counted == [9, 9, 6, 0]
    assert before == len(PRESETS)


def test_a_new_segment_is_counted_soon_and_a_repeat_of_a_day_writes_over_it(
    store_id: UUID, clock: Clock
) -> None:
    work_off(store_id)
    for written in ("customer.orders_count: {at_least: 0}", "customer.orders_count: {is: 9}"):
        with store_transaction(store_id) as session:
            write(session, store_id, NOBODY)
            segments.keep(session, Draft("mine", "Mine", written), clock())
        assert store_id in due_stores()["standing"]
        work_off(store_id)

    assert sizes(store_id)["mine"] == 0
    with store_transaction(store_id) as session:
        mine = segments.get_segment(session, "mine")
        assert [each.day for each in days_of(session, mine, date(2026, 3, 2))] == [date(2026, 3, 2)]


def test_a_segment_grows_by_what_it_was_a_week_before(store_id: UUID, clock: Clock) -> None:
    trends = []
    for newcomers in (4, 0, 8, 0):
        with store_transaction(store_id) as session:
            for _ in range(newcomers):
                write(session, store_id, {**NOBODY, "stands": False})
        work_off(store_id)
        keep_rhythm(store_id)
        work_off(store_id)
        with store_transaction(store_id) as session:
            (found,) = [each for each in health(session) if each.segment.slug == "prospects"]
        trends.append(found.trend)
        clock.advance(days=7)

    assert trends == [Trend.NEW, Trend.LEVEL, Trend.UP, Trend.LEVEL]


def test_a_store_that_has_left_is_not_counted(store_id: UUID, clock: Clock) -> None:
    work_off(store_id)
    with store_transaction(store_id) as session:
        session.get_one(Store, store_id).status = StoreStatus.UNINSTALLED
    clock.advance(days=2)

    assert keep_standing(store_id) == 0

    assert store_id not in due_stores()["standing"]
    with store_transaction(store_id) as session:
        newest = session.scalars(select(SegmentDay.day).order_by(SegmentDay.day.desc())).first()
    assert newest is not None and newest < (clock() - timedelta(days=1)).date()


def test_a_segment_that_cannot_be_counted_holds_up_no_other_and_waits_a_day(
    store_id: UUID, clock: Clock
) -> None:
    """Such as one that was written for another version of the language, and who names it."""
    buys(store_id, 1)
    with store_transaction(store_id) as session:
        for slug in ("aged", "kept"):
            draft = Draft(slug, slug, "customer.orders_count: {at_least: 1}")
            segments.keep(session, draft, clock())
        segments.keep(session, Draft("names", "names", "segment.aged: {is: true}"), clock())
        session.execute(update(Segment).where(Segment.slug == "aged").values(written="it: was"))
    work_off(store_id)

    counted = sizes(store_id)
    assert counted["kept"] == 1
    assert counted.keys() == {*PRESETS, "kept"}
    assert store_id not in due_stores()["standing"]
    clock.advance(days=1)
    assert store_id in due_stores()["standing"]
