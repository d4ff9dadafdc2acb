"""Who is in the ready-made segments: each code of grades in the one of its group, and no other."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import customers, segments
from app.customers.grades import Measure
from app.customers.stages import SILENT_DAYS
from app.customers.standing import stand_part
from app.events import CustomerActed, Person
from app.models import Customer, Store, new_id
from app.science.rfm import Bounds, Group
from app.segments import matching, parse_condition
from app.tenancy import store_transaction
from tests.integration.customers.people import tell
from tests.integration.segments.people import NOW
from tests.unit.science.test_rfm import AS_LISTED, CODES, name_of

SLUG = {
    Group.POTENTIAL: "potential-loyalists",
    Group.NEW: "new-customers",
    Group.ATTENTION: "need-attention",
    Group.ABOUT_TO_SLEEP: "about-to-sleep",
    Group.AT_RISK: "at-risk",
}
DAYS = {5: 6, 4: 29, 3: 59, 2: 90, 1: 91}
ORDERS = {1: 1, 2: 3, 3: 5, 4: 9, 5: 10}
FIFTHS = (1_000, 2_000, 3_000, 4_000)


def inside(session: Session, slug: str) -> set[UUID]:
    store = session.get_one(Store, session.info["store_id"])
    condition = parse_condition({f"segment.{slug}": {"is": True}}, "test")
    return set(session.scalars(matching(session, condition, store, NOW)))


def of_every_code(session: Session, store_id: UUID) -> dict[int, UUID]:
    """One buyer of each of the 125 codes, just within the bounds of the brief."""
    ids = {100 * r + 10 * f + m: new_id() for r, f, m in CODES}
    rows: list[dict[str, Any]] = []
    for code, customer_id in ids.items():
        recency, frequency, money = (int(digit) for digit in str(code))
        at = NOW - timedelta(days=DAYS[recency])
        moments = dict.fromkeys(("first_order_at", "last_order_at", "last_active_at"), at)
        figures = {"orders_count": ORDERS[frequency], "spent_minor": 1_000 * (money - 1)}
        own = {"store_id": store_id, "customer_id": customer_id, "first_seen_at": at}
        rows.append(own | moments | figures)
    session.execute(insert(Customer), rows)
    return ids


@pytest.mark.requirement(22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34)
def test_the_codes_of_the_brief_and_all_others_are_in_the_segment_of_their_group(
    store_id: UUID,
) -> None:
    with store_transaction(store_id) as session:
        segments.plant(session, NOW)
        ids = of_every_code(session, store_id)
        stand_part(session, Measure(Bounds(), FIFTHS, SILENT_DAYS), NOW)

        found = {group: inside(session, SLUG.get(group, str(group))) for group in Group}

    assert sum(len(people) for people in found.values()) == len(ids) == 125
    for group, people in found.items():
        assert people == {ids[code] for code in ids if name_of(code) is group}
        assert {ids[code] for code in AS_LISTED[group]} <= people


def logs_in(store_id: UUID, name: str, times: int, days_ago: float) -> None:
    person, at = Person(email=f"{name}@example.com"), NOW - timedelta(days=days_ago)
    own: dict[str, Any] = {"name": "logged_in", "person": person, "updated_at": at}
    tell(store_id, *(CustomerActed(event_key=f"{name}-{n}", **own) for n in range(times)))


@pytest.mark.requirement(35)
def test_who_logs_in_about_five_times_a_week_is_a_power_user(store_id: UUID) -> None:
    logs_in(store_id, "ana", 20, 29)
    logs_in(store_id, "bo", 19, 29)
    logs_in(store_id, "cy", 40, 31)

    with store_transaction(store_id) as session:
        segments.plant(session, NOW)
        ana = customers.find_customer(session, "ana@example.com")
        assert ana is not None and inside(session, "power-users") == {ana.customer_id}
