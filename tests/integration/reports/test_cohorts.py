"""Who buys again, and what they spend, as the database adds it up from orders."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.models import Flow, FlowVersion, Journey, Offer, new_id
from app.reports.cohorts import AFTER
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.integration.reports.shop import person, reported

NOW = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
"""In Rome it is April."""
ROME = ZoneInfo("Europe/Rome")


def month_of(at: datetime) -> int:
    local = at.astimezone(ROME)
    return local.year * 12 + local.month


@pytest.mark.requirement(101, 104)
def test_cohorts_are_those_that_counting_one_by_one_finds(
    store_id: UUID, make_store: MakeStore
) -> None:
    chance, bought = Random(5), []
    for _ in range(40):
        days = sorted(chance.uniform(0, 600) for _ in range(chance.randint(1, 6)))
        bought.append([NOW - timedelta(days=each) for each in reversed(days)])
    for moments in bought:
        person(store_id, [{"at": at, "total_minor": 700} for at in moments])
    person(make_store(), [{"at": NOW - timedelta(days=90)}])

    found = {one.label: one for one in reported(store_id, NOW).cohorts.months}

    cohorts: dict[int, list[list[datetime]]] = defaultdict(list)
    for moments in bought:
        cohorts[month_of(moments[0])].append(moments)
    assert len(found) == len(cohorts)
    for cohort, people in cohorts.items():
        told = found[f"{(cohort - 1) // 12}-{(cohort - 1) % 12 + 1:02}"]
        assert told.people == len(people)
        for after, share, spent in zip(AFTER, told.again, told.spent_minor, strict=True):
            if cohort + after >= month_of(NOW):
                assert (share, spent) == (None, None)
                continue
            until = cohort + after
            came = sum(any(month_of(at) == until for at in moments) for moments in people)
            orders = sum(month_of(at) <= until for moments in people for at in moments)
            assert share == pytest.approx(came / len(people))
            assert spent == pytest.approx(700 * orders / len(people))


def test_what_was_paid_back_or_in_other_money_is_not_spent_and_what_does_not_count_is_no_purchase(
    store_id: UUID,
) -> None:
    first, later = datetime(2025, 1, 10, tzinfo=UTC), datetime(2025, 2, 10, tzinfo=UTC)
    person(store_id, [{"at": first, "refunded_minor": 400}, {"at": later, "currency": "USD"}])
    person(store_id, [{"at": first}, {"at": later, "counts": False}])

    everybody = reported(store_id, NOW).cohorts.everybody

    assert everybody.people == 2
    assert everybody.again[0] == 0.5
    assert everybody.spent_minor[0] == 800


@pytest.mark.requirement(104)
def test_people_are_told_apart_by_product_channel_and_offer_of_their_first_order(
    store_id: UUID,
) -> None:
    at, later = datetime(2025, 1, 10, tzinfo=UTC), datetime(2025, 1, 20, tzinfo=UTC)
    utm = {"utm_source": "comeback", "utm_medium": "email"}
    came = person(
        store_id,
        [
            {"at": at, "bought": [("Oil", 300), ("Tea", 700)], "utm": utm},
            {"at": later, "bought": [("Soap", 900)], "discount_codes": ["LATER"]},
        ],
    )
    person(store_id, [{"at": at, "bought": [("Oil", 1_000)], "discount_codes": ["FRIEND"]}])
    our_code(store_id, came, "ERBE-1")
    person(store_id, [{"at": at, "discount_codes": ["x", " erbe-1"]}])

    found = reported(store_id, NOW).cohorts

    assert {(one.label, one.people) for one in found.products} == {("Tea", 1), ("Oil", 1), ("", 1)}
    assert {(one.label, one.people) for one in found.channels} == {("comeback / email", 1), ("", 2)}
    assert {(one.label, one.people) for one in found.offers} == {("thanks", 1), ("*", 1), ("", 1)}
    assert {one.label: one.spent_minor[0] for one in found.products}["Tea"] == 2_000


def test_what_few_have_in_common_is_put_together(store_id: UUID) -> None:
    at = datetime(2025, 1, 10, tzinfo=UTC)
    for number in range(14):
        person(store_id, [{"at": at, "bought": [(f"Tea {number:02}", 100)]}])

    found = {one.label: one.people for one in reported(store_id, NOW).cohorts.products}

    assert len(found) == 13
    assert found[None] == 2


def our_code(store_id: UUID, customer_id: UUID, code: str) -> None:
    flow_id, journey_id = new_id(), new_id()
    place = {"store_id": store_id, "flow_id": flow_id}
    with store_transaction(store_id) as session:
        session.add(Flow(**place, slug="thanks", version=1))
        session.flush()
        session.add(FlowVersion(**place, version=1, source="flow: thanks"))
        session.flush()
        own = {"store_id": store_id, "journey_id": journey_id, "customer_id": customer_id}
        session.add(Journey(**own, flow_id=flow_id, version=1, entry_key="1", arm="treated"))
        session.flush()
        offer = {"name": "thanks", "code": code, "currency": "EUR", "expires_at": NOW}
        session.add(Offer(**own, **offer))
