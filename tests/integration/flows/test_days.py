"""Days of the calendar where clocks are changed, in leap years, and when nobody looked in time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sqlalchemy import text

from app.tenancy import platform_transaction
from tests.integration.flows.conftest import Shop

SEND = "  - send: {channel: email, message: hello}"
ANNIVERSARY = "{date: {anniversary_of: first_order}}"
LEAP_DAY = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)


def entered(shop: Shop, *moments: str) -> list[UUID]:
    """Who has entered once somebody has looked at these moments of the shop's own clock."""
    for moment in moments:
        local = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Rome"))
        shop.clock.travel(local.astimezone(UTC))
        shop.enter_due()
    return [journey.customer_id for journey in shop.journeys()]


def test_a_day_that_nobody_looked_at_before_midnight_is_still_kept(shop: Shop) -> None:
    ana = shop.customer(first_order_at=datetime(2024, 3, 3, 12, 0, tzinfo=UTC))
    shop.has_flow(SEND, trigger='{date: {anniversary_of: first_order, at: "22:00"}}')

    assert entered(shop, "2026-03-03T21:00", "2026-03-04T01:00", "2026-03-04T02:00") == [ana]


def test_a_day_that_is_no_longer_fresh_is_over(shop: Shop) -> None:
    shop.customer(first_order_at=datetime(2024, 3, 3, 12, 0, tzinfo=UTC))
    shop.has_flow(SEND, trigger=ANNIVERSARY)

    assert entered(shop, "2026-03-03T08:00", "2026-03-04T12:00") == []


@pytest.mark.parametrize(
    ("bought", "first_look"),
    [("2025-03-29T12:00", "2026-03-29T10:01"), ("2025-10-25T12:00", "2026-10-25T10:01")],
)
def test_the_day_of_a_clock_change_comes_once(shop: Shop, bought: str, first_look: str) -> None:
    at = datetime.fromisoformat(bought).replace(tzinfo=UTC)
    month_day = datetime.fromisoformat(first_look)
    ana = shop.customer(first_order_at=at.replace(day=month_day.day))
    shop.has_flow(SEND, trigger=ANNIVERSARY)

    looks = [(month_day + timedelta(hours=hours)).isoformat() for hours in range(-12, 40, 3)]

    assert entered(shop, *looks) == [ana]


@pytest.mark.parametrize("at", ["02:30", "02:00", "03:00"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_an_hour_that_is_missing_or_comes_twice_lets_everybody_in_once(
    shop: Shop, day: str, at: str
) -> None:
    ana = shop.customer()
    shop.has_flow(SEND, trigger=f'{{date: {{on: {day}, at: "{at}"}}}}')
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)

    for minutes in range(-60, 300, 20):
        shop.clock.travel(start + timedelta(minutes=minutes))
        shop.enter_due()

    assert [journey.customer_id for journey in shop.journeys()] == [ana]


def test_who_bought_on_a_leap_day_is_thought_of_the_day_before_in_other_years(shop: Shop) -> None:
    ana = shop.customer(first_order_at=LEAP_DAY)
    shop.has_flow(SEND, trigger=ANNIVERSARY)

    assert entered(shop, "2027-02-28T10:30", "2027-03-01T10:30") == [ana]


def test_and_on_the_day_itself_when_there_is_one(shop: Shop) -> None:
    ana = shop.customer(first_order_at=LEAP_DAY)
    bea = shop.customer("bea", first_order_at=LEAP_DAY - timedelta(days=1))
    shop.has_flow(SEND, trigger=ANNIVERSARY)

    assert entered(shop, "2028-02-28T10:30") == [bea]
    assert entered(shop, "2028-02-29T10:30", "2028-03-01T10:30") == [bea, ana]


def test_the_database_knows_every_zone_that_we_know(shop: Shop) -> None:
    with platform_transaction("compare zones") as session:
        theirs = set(session.scalars(text("SELECT name FROM pg_timezone_names")))

    assert available_timezones() - theirs - {"Factory", "localtime"} == set()
