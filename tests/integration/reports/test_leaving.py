"""Who moved between groups and who fell silent, by the changes that are kept of everybody."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from app.models import ConsentEntry, LoggedFact, Standing, StandingChange
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


@pytest.mark.requirement(104)
def test_everybody_moves_once_from_where_they_stood_first_to_where_they_stand_last(
    store_id: UUID, make_store: MakeStore
) -> None:
    for shop in (store_id, make_store()):
        once, twice, back = (person(shop, []) for _ in range(3))
        changed(shop, once, "rfm_group", (40, "loyal", "champions"), (9, "champions", "at_risk"))
        changed(shop, twice, "rfm_group", (20, "champions", "loyal"), (5, "loyal", "at_risk"))
        changed(shop, back, "rfm_group", (20, "loyal", "at_risk"), (5, "at_risk", "loyal"))

    assert reported(store_id, START).moves == (Move("champions", "at_risk", 2),)


@pytest.mark.requirement(103, 104)
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


def acted(store_id: UUID, customer_id: UUID, act: str, ago: float) -> LoggedFact:
    return LoggedFact(
        store_id=store_id,
        fact_key=f"{customer_id} {act} {ago}",
        kind="customer_acted",
        source="acts",
        customer_id=customer_id,
        occurred_at=START - timedelta(days=ago),
        fact={"kind": "customer_acted", "name": act, "values": {}},
    )


DID: tuple[tuple[Sign, dict[str, list[float]]], ...] = (
    (Sign.CANCELLATION, {"cancellation_sought": [50], "complaint_made": [60]}),
    (Sign.COMPLAINED, {"complaint_made": [99]}),
    (Sign.UNKNOWN, {"complaint_made": [101]}),
    (Sign.PAYMENT_FAILED, {"payment_failed": [20], "payment_succeeded": [30]}),
    (Sign.UNKNOWN, {"payment_failed": [30], "payment_succeeded": [20]}),
    (Sign.EXPIRED, {"subscription_expired": [1]}),
    (Sign.COMPARING, {"competitor_compared": [70], "ticket_opened": [70, 71]}),
    (Sign.TICKETS, {"ticket_opened": [70, 71]}),
    (Sign.UNKNOWN, {"ticket_opened": [70], "page_viewed": [70]}),
    (Sign.NO_ANSWER, {"contact_unanswered": [70, 50]}),
)


@pytest.mark.requirement(103)
def test_what_people_did_before_they_fell_silent_tells_why(store_id: UUID) -> None:
    for _, acts in DID:
        one = left(store_id, 10)
        of_theirs = ((act, ago) for act, days in acts.items() for ago in days)
        keep(store_id, *(acted(store_id, one, act, ago) for act, ago in of_theirs))

    found = reported(store_id, START).churn.signs

    assert {one.label: one.people for one in found} == Counter(sign for sign, _ in DID)


@pytest.mark.requirement(103)
def test_a_cart_that_was_left_is_a_reason_after_all_others(store_id: UUID) -> None:
    one = left(store_id, 10)
    row = lapsed(store_id, one)
    row.signals = ["silent", "cart_left"]
    keep(store_id, row)

    assert reported(store_id, START).churn.signs == (Left(Sign.CART_LEFT, 1, 0, 1),)


@pytest.mark.requirement(103)
def test_who_bought_long_ago_and_of_whose_orders_none_counts_any_more_are_one_line(
    store_id: UUID,
) -> None:
    long_ago = person(store_id, [{"at": START - timedelta(days=1_000)}])
    paid_back = person(store_id, [{"at": START - timedelta(days=90), "counts": False}])
    for one in (long_ago, paid_back):
        changed(store_id, one, "stage", (10, "regular", "at_risk"))

    assert reported(store_id, START).churn.months == (Left("", 2, 0, 0),)
