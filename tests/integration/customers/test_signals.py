"""Signs of leaving: the database follows the rules, and each sign keeps the moment it appeared."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.customers.grades import Measure
from app.customers.signals import ACTS, LEVEL, Level, Seen, signals_of
from app.customers.stages import SILENT_DAYS, Inactivity
from app.customers.standing import stand, stand_part
from app.models import Cart, Customer, LoggedFact, Standing, StandingChange, new_id
from app.science.rfm import Bounds
from app.tenancy import store_transaction
from tests.integration.customers.test_standing import NOW

BY = Measure(Bounds(), (), SILENT_DAYS, low_score=5)
moments = st.sampled_from((0, 1, 20, 29, 30, 31, 59, 60, 89, 90, 91)).map(
    lambda days: NOW - timedelta(days=days)
)
crowds = st.lists(
    st.fixed_dictionaries(
        {
            "last_active_at": st.none() | moments,
            "last_order_at": st.none() | moments,
            "acts": st.lists(
                st.tuples(st.sampled_from(ACTS), moments, st.integers(1, 5)), max_size=5
            ),
            "scores": st.lists(st.tuples(moments, st.integers(0, 10)), max_size=3),
            "carts": st.lists(
                st.tuples(st.sampled_from(["abandoned", "active", "expired"]), moments), max_size=2
            ),
        }
    ),
    min_size=1,
    max_size=6,
)


def add(session: Session, store_id: UUID, person: dict[str, Any]) -> UUID:
    own = {"store_id": store_id, "customer_id": new_id()}
    latest = latest_score(person)
    session.add(
        Customer(
            **own,
            first_seen_at=NOW,
            last_active_at=person["last_active_at"],
            last_order_at=person["last_order_at"],
            score=latest[0] if latest else None,
            score_at=latest[1] if latest else None,
        )
    )
    session.flush()
    for name, at, times in person["acts"]:
        session.add_all(told(own, name, at, {}) for _ in range(times))
    session.add_all(told(own, "score_given", at, {"value": s}) for at, s in person["scores"])
    for status, at in person["carts"]:
        moment = {"started_at": at, "changed_at": at, "source_updated_at": at, "abandoned_at": at}
        cart = {"currency": "EUR", "total_minor": 1, "lines": [], "status": status}
        session.add(Cart(**own, **cart, **moment))
    session.flush()
    return own["customer_id"]


def told(own: dict[str, Any], name: str, at: datetime, values: dict[str, int]) -> LoggedFact:
    fact = {"name": name, "values": values}
    own = {**own, "fact_key": new_id().hex, "source": "test", "occurred_at": at}
    return LoggedFact(**own, kind="customer_acted", fact=fact)


def in_order(person: dict[str, Any]) -> list[tuple[datetime, int]]:
    """The latest first; of two at one moment the lower is the later."""
    return sorted(person["scores"], key=lambda one: (-one[0].timestamp(), one[1]))


def latest_score(person: dict[str, Any]) -> tuple[int, datetime] | None:
    found = in_order(person)
    return (found[0][1], found[0][0]) if found else None


def latest(person: dict[str, Any], act: str) -> datetime | None:
    return max((at for name, at, _ in person["acts"] if name == act), default=None)


def seen(person: dict[str, Any]) -> Seen:
    days = [(name, (NOW - at).days, times) for name, at, times in person["acts"]]
    heard, scores = person["last_active_at"], in_order(person)
    silent = None
    if heard is not None:
        silent = list(Inactivity)[sum((NOW - heard).days >= days for days in SILENT_DAYS)]
    return Seen(
        now=NOW,
        inactivity=silent,
        last_active_at=heard,
        last_order_at=person["last_order_at"],
        score=scores[0][1] if scores else None,
        score_at=scores[0][0] if scores else None,
        score_before=scores[1][1] if len(scores) > 1 else None,
        cart_left_at=max((at for how, at in person["carts"] if how == "abandoned"), default=None),
        failed_at=latest(person, "payment_failed"),
        paid_at=latest(person, "payment_succeeded"),
        acts={
            act: (
                sum(times for name, ago, times in days if name == act and ago < 30),
                sum(times for name, ago, times in days if name == act and 30 <= ago < 60),
            )
            for act in ACTS
        },
    )


@pytest.mark.requirement(70, 72, 73, 74, 75, 76, 77, 78, 79)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(crowd=crowds)
def test_the_database_and_the_rules_agree(store_id: UUID, crowd: list[dict[str, Any]]) -> None:
    with store_transaction(store_id) as session:
        ids = [add(session, store_id, person) for person in crowd]

        stand_part(session, BY, NOW)

        rows = {row.customer_id: row for row in session.scalars(select(Standing))}
        for key, person in zip(ids, crowd, strict=True):
            there = signals_of(seen(person))
            levels = [level for level in Level if level in {LEVEL[name] for name in there}]
            assert rows[key].signals == list(there), person
            assert rows[key].risk_level == (levels[-1] if levels else None)
            assert set(rows[key].signals_since or ()) == set(there)
        for model in (LoggedFact, Cart, Customer):
            session.execute(delete(model))


def test_a_sign_keeps_its_moment_and_the_risk_its_history(store_id: UUID) -> None:
    complains = {"acts": [("complaint_made", NOW, 1)], "scores": [], "carts": []}
    heard = {"last_active_at": NOW, "last_order_at": None}
    later = NOW + timedelta(days=20)
    with store_transaction(store_id) as session:
        key = add(session, store_id, {**complains, **heard})
        stand(session, BY, NOW, [key])
        own = {"store_id": store_id, "customer_id": key}
        session.add(told(own, "cancellation_sought", later, {}))
        session.flush()

        stand(session, BY, later, [key])
        session.expire_all()
        row = session.scalars(select(Standing)).one()
        since = {name: datetime.fromisoformat(at) for name, at in (row.signals_since or {}).items()}
        assert since == {"complained": NOW, "leaving": later}
        assert (row.risk_level, row.risk_at) == ("critical", later)

        stand(session, BY, later + timedelta(days=40), [key])
        kept = session.scalars(select(StandingChange).filter_by(kind="risk_level"))
        changes = [(change.was, change.became) for change in kept.all()]
    assert sorted(changes, key=str) == [("critical", "medium"), ("high", "critical")]
