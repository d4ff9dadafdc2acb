"""Who is passed by in the daily walk has not moved: a look at everybody finds nothing else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.customers import standing
from app.customers.grades import Measure
from app.customers.leads import scheme_of
from app.customers.signals import ACTS, Signal
from app.customers.standing import stand, stand_due, stand_part
from app.models import Cart, Customer, LoggedFact, Standing
from app.science.rfm import Bounds
from app.stores.settings import LeadRules
from app.tenancy import store_transaction
from tests.integration.customers import test_signals as signs
from tests.integration.customers.test_standing import LOYAL, NOW, write

TICK = timedelta(microseconds=1)
FIFTHS = ((1_000, 2_000, 3_000, 4_000), (1_000, 2_500, 3_000, 3_500))
# No two bounds fall on one day, or one would do another's work.
BOUNDS, SILENT = Bounds(recency=(5, 23, 44, 77)), (11, 26, 41, 56, 71)


def ago(*days: int) -> st.SearchStrategy[datetime]:
    return st.sampled_from(days).map(lambda number: NOW - timedelta(days=number))


moments = ago(0, 1, 20, 29, 30, 59, 60, 89, 90, 800, 801)
quiet: dict[str, Any] = {"acts": st.just([]), "carts": st.just([])}
busy: dict[str, Any] = {
    "acts": st.lists(st.tuples(st.sampled_from(ACTS), moments, st.integers(1, 5)), max_size=3),
    "carts": st.lists(st.tuples(st.sampled_from(["abandoned", "active"]), moments), max_size=1),
}
person: dict[str, Any] = {
    "last_active_at": st.none() | moments,
    "last_order_at": st.none() | moments,
    "scores": st.lists(st.tuples(ago(0, 60, 300, 350), st.integers(0, 10)), max_size=3),
}
buyers = st.fixed_dictionaries(
    {
        "orders_count": st.sampled_from([0, 1, 1, 4, 10]),
        "spent_minor": st.integers(0, 9).map(lambda half: half * 500),
        "first_order_at": moments,
    }
)
acts = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["product_viewed", "link_clicked", "logged_in", "payment_failed"]),
    st.sampled_from([0, 0, 29, 45, 59]),
    st.sampled_from([1, 4]),
)
passing = st.tuples(
    st.sampled_from([1, 1, 7, 8, 14, 15, 29, 30, 31, 60]).map(lambda days: timedelta(days=days)),
    st.sampled_from([-TICK, timedelta(), TICK]),
    st.sampled_from(FIFTHS),
    st.none() | acts,
)


def measure(fifths: tuple[int, ...]) -> Measure:
    return Measure(BOUNDS, fifths, SILENT, low_score=5)


def stands(session: Session) -> list[dict[str, Any]]:
    names = [name for name in Standing.__table__.columns.keys() if name != "moves_at"]  # noqa: SIM118
    columns = [getattr(Standing, name) for name in names]
    rows = session.execute(select(*columns).order_by(Standing.customer_id))
    return [dict(row) for row in rows.mappings()]


def as_a_look_at_everybody_finds(session: Session, by: Measure, at: datetime) -> Any:
    with session.begin_nested() as looked:
        stand_part(session, by, at)
        found = stands(session)
        looked.rollback()
    return found


def came(session: Session, store_id: UUID, known: dict[str, Any], bought: dict[str, Any]) -> UUID:
    key = signs.add(session, store_id, known)
    values = bought if known["last_order_at"] else bought | {"orders_count": 0}
    session.execute(update(Customer).where(Customer.customer_id == key).values(values))
    return key


def did(session: Session, own: dict[str, Any], name: str, at: datetime, times: int) -> None:
    session.add_all(signs.told(own, name, at, {}) for _ in range(times))
    session.flush()


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    crowd=st.lists(
        st.tuples(
            st.fixed_dictionaries(person | busy) | st.fixed_dictionaries(person | quiet), buyers
        ),
        min_size=1,
        max_size=6,
    ),
    days=st.lists(passing, min_size=1, max_size=5),
)
def test_a_walk_past_those_who_wait_finds_all_who_moved(
    store_id: UUID, crowd: list[Any], days: list[Any]
) -> None:
    with store_transaction(store_id) as session:
        ids = [came(session, store_id, *one) for one in crowd]
        at, by = NOW, measure(FIFTHS[0])
        stand_part(session, by, at)
        for length, off, fifths, act in days:
            if act is not None:
                place, name, before, times = act
                own = {"store_id": store_id, "customer_id": ids[place % len(ids)]}
                did(session, own, name, at - timedelta(days=before), times)
                stand(session, by, at, [own["customer_id"]])
            at, by = at + length + off, measure(fifths)

            stand_due(session, by, at)

            assert stands(session) == as_a_look_at_everybody_finds(session, by, at)
        for model in (LoggedFact, Cart, Customer):
            session.execute(delete(model))


def days(number: int) -> datetime:
    return NOW - timedelta(days=number)


LONG_AGO: dict[str, Any] = {
    "orders_count": 0,
    "first_order_at": None,
    "last_order_at": None,
    "last_active_at": None,
    "first_seen_at": days(900),
}
BOUGHT: dict[str, Any] = {"orders_count": 4, "first_order_at": days(800)}
BOUNDS_OF_TIME: dict[str, tuple[dict[str, Any], int]] = {
    "recency": (BOUGHT | {"last_order_at": days(70)}, 7),
    "silence": ({"last_active_at": days(43)}, 13),
    "a newcomer": ({"orders_count": 1, "first_order_at": days(28), "last_order_at": days(4)}, 1),
    "no newcomer any more": (
        {"orders_count": 1, "first_order_at": days(28), "last_order_at": days(10)},
        2,
    ),
    "an order in full": (BOUGHT | {"last_order_at": days(25)}, 5),
    "half an order": (BOUGHT | {"last_order_at": days(51)}, 9),
    "a month unheard of": ({"first_seen_at": days(21)}, 9),
    "a score": ({"score": 3, "score_at": days(80)}, 10),
}


@pytest.mark.parametrize("bound", BOUNDS_OF_TIME)
def test_each_bound_of_time_is_seen_coming(store_id: UUID, bound: str) -> None:
    person, left = BOUNDS_OF_TIME[bound]
    with store_transaction(store_id) as session:
        write(session, store_id, [LONG_AGO | person])
        stand_part(session, measure(FIFTHS[0]), NOW)

        moves_at = session.scalars(select(Standing.moves_at)).one()
    assert moves_at == NOW + timedelta(days=left)


NOBODY: dict[str, Any] = {"last_active_at": None, "last_order_at": None, "acts": [], "carts": []}


def test_what_changes_nothing_yet_can_bring_the_moment_nearer(store_id: UUID) -> None:
    by = measure(FIFTHS[0])
    with store_transaction(store_id) as session:
        key = signs.add(session, store_id, NOBODY | {"scores": []})
        stand(session, by, NOW + timedelta(days=40), [key])
        own = {"store_id": store_id, "customer_id": key}
        did(session, own, "logged_in", NOW + timedelta(days=40), 4)
        stand(session, by, NOW + timedelta(days=40), [key])

        stand_due(session, by, NOW + timedelta(days=70))

        assert session.scalars(select(Standing.signals)).one() == [Signal.LOGINS_DOWN]


def test_a_score_is_compared_with_none_that_is_forgotten(store_id: UUID) -> None:
    by, old = measure(FIFTHS[0]), NOW - timedelta(days=360)
    scored = {"scores": [(old, 10), (NOW, 7)]}
    with store_transaction(store_id) as session:
        key = signs.add(session, store_id, NOBODY | scored)
        stand(session, by, NOW, [key])
        assert session.scalars(select(Standing.signals)).one() == [Signal.SCORE_FELL]

        stand_due(session, by, old + timedelta(days=365))

        session.expire_all()
        assert session.scalars(select(Standing.signals)).one() == []


def test_who_cannot_have_moved_is_not_looked_at(store_id: UUID) -> None:
    by = measure(FIFTHS[0])
    with store_transaction(store_id) as session:
        write(session, store_id, [LOYAL])
        assert stand_due(session, by, NOW)[0] == 1, "nobody had looked yet"
        moves_at = session.scalars(select(Standing.moves_at)).one()
        session.execute(update(Standing).values(stage="never looked at"))

        assert moves_at == NOW + timedelta(days=3), "two days ago they bought"
        assert stand_due(session, by, moves_at - TICK) == (0, None)
        assert stand_due(session, by, moves_at)[0] == 1


def test_other_rules_are_noticed(store_id: UUID) -> None:
    by = measure(FIFTHS[0])

    assert standing.rules(by) == standing.rules(measure(FIFTHS[1])), "fifths move every day"
    others = (
        Measure(Bounds(), by.fifths, by.silent_days, low_score=5),
        Measure(by.bounds, by.fifths, (1, 2, 3, 4, 5), low_score=5),
        Measure(by.bounds, by.fifths, by.silent_days, low_score=4),
        Measure(by.bounds, by.fifths, by.silent_days, scheme_of(LeadRules(cap=7)), low_score=5),
    )
    assert len({standing.rules(one) for one in (by, *others)}) == len(others) + 1
