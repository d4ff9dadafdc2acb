"""Who moved between groups and who fell silent, by the changes that are kept of everybody."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.models import ConsentEntry, Standing, StandingChange
from app.models.base import Base
from app.reports.leaving import Left, Sign
from app.reports.migration import Move
from app.tenancy import store_transaction
from tests.conftest import START, MakeStore
from tests.integration.reports.shop import person, reported


def changed(store_id: UUID, customer_id: UUID, kind: str, *places: tuple[float, str, str]) -> None:
    """Each place: days ago, from where, to where."""
    keep(
        store_id,
        *(
            StandingChange(
                store_id=store_id,
                customer_id=customer_id,
                kind=kind,
                changed_at=START - timedelta(days=ago),
                was=was,
                became=became,
            )
            for ago, was, became in places
        ),
    )


def keep(store_id: UUID, *rows: Base) -> None:
    with store_transaction(store_id) as session:
        session.add_all(rows)


def left(store_id: UUID, ago: float, was: str = "regular", **more: object) -> UUID:
    """Somebody who bought oil half a year ago, tea later, and came to be at risk."""
    orders = [
        {"at": START - timedelta(days=180), "bought": [("Oil", 500)]},
        {"at": START - timedelta(days=90), "bought": [("Soap", 100), ("Tea", 900)]},
    ]
    if more.pop("back", False):
        orders.append({"at": START - timedelta(days=1), "bought": [("Oil", 500)]})
    one = person(store_id, orders, **more)
    changed(store_id, one, "stage", (ago, was, "at_risk"))
    return one


def test_everybody_moves_once_from_where_they_stood_first_to_where_they_stand_last(
    store_id: UUID, make_store: MakeStore
) -> None:
    for shop in (store_id, make_store()):
        once, twice, back = (person(shop, []) for _ in range(3))
        changed(shop, once, "rfm_group", (40, "loyal", "champions"), (9, "champions", "at_risk"))
        changed(shop, twice, "rfm_group", (20, "champions", "loyal"), (5, "loyal", "at_risk"))
        changed(shop, back, "rfm_group", (20, "loyal", "at_risk"), (5, "at_risk", "loyal"))

    assert reported(store_id, START).moves == (Move("champions", "at_risk", 2),)


@pytest.mark.requirement(103)
def test_who_came_to_be_at_risk_is_told_by_what_is_known_of_them(
    store_id: UUID, make_store: MakeStore
) -> None:
    left(store_id, 40)
    left(make_store(), 3)
    gone = left(store_id, 20, score=2)
    keep(store_id, lapsed(store_id, gone))
    left(store_id, 10, was="loyal", back=True, suppressed={"email": "complained:spam"}, score=1)
    keep(store_id, refusal(store_id, left(store_id, 5)))
    left(store_id, 2)

    churn = reported(store_id, START).churn

    assert churn.everybody == Left(None, 4, 1, 1)
    assert churn.stages == (Left("regular", 3, 0, 1), Left("loyal", 1, 1, 0))
    assert {one.label: (one.people, one.back) for one in churn.signs} == {
        Sign.COMPLAINT: (1, 1),
        Sign.LOW_SCORE: (1, 0),
        Sign.UNSUBSCRIBED: (1, 0),
        Sign.UNKNOWN: (1, 0),
    }
    assert churn.months == (Left("2025-09", 4, 1, 1),)
    assert churn.products == (Left("Tea", 4, 1, 1),), "before they left, not after"


def lapsed(store_id: UUID, customer_id: UUID) -> Standing:
    since = {"group_at": START, "inactivity_at": START, "stage_at": START}
    place = {"inactivity": "lost", "stage": "at_risk"}
    return Standing(store_id=store_id, customer_id=customer_id, **place, **since)


def refusal(store_id: UUID, customer_id: UUID) -> ConsentEntry:
    return ConsentEntry(
        store_id=store_id,
        entry_key="1",
        customer_id=customer_id,
        channel="email",
        state="unsubscribed",
        source="form",
        occurred_at=START - timedelta(days=30),
    )
