"""People who enter because of time alone, once for each silence, day or membership."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app import flows
from app.models import Segment
from app.segments import Draft
from app.tenancy import store_transaction
from tests.integration.flows.conftest import Shop

SEND = "  - send: {channel: email, message: hello}"
SILENCE = "{inactivity: {days: 60, since: last_order}}"


@pytest.mark.requirement(43)
def test_sixty_days_of_silence_let_a_person_in_once(shop: Shop) -> None:
    shop.has_flow(SEND, trigger=SILENCE)
    ana = shop.customer(last_order_at=shop.clock() - timedelta(days=59), orders_count=1)

    assert shop.enter_due() == 0
    shop.clock.advance(days=1)
    assert shop.enter_due() == 1
    assert shop.enter_due() == 0

    assert [j.customer_id for j in shop.journeys()] == [ana]


def test_a_new_order_begins_a_new_silence(shop: Shop) -> None:
    shop.has_flow(SEND, trigger=SILENCE)
    ana = shop.customer(last_order_at=shop.clock() - timedelta(days=59))
    shop.clock.advance(days=1)
    shop.enter_due()
    shop.advance()

    shop.bought_at(ana, shop.clock())
    shop.clock.advance(days=60)
    shop.enter_due()

    assert len(shop.journeys()) == 2


def test_old_silences_are_left_alone_until_the_merchant_has_seen_their_number(shop: Shop) -> None:
    for n in range(5):
        shop.customer(f"p{n}", last_order_at=shop.clock() - timedelta(days=70 + n))
    shop.has_flow(SEND, trigger=SILENCE)
    assert shop.enter_due() == 0

    assert shop.reached("test-flow", timedelta(days=13)) == 3
    assert shop.activates("test-flow", back=timedelta(days=13)) == 3
    assert shop.enter_due() == 0

    assert len(shop.journeys()) == 3


def test_a_refusal_of_one_silence_is_written_once(shop: Shop) -> None:
    shop.has_flow(SEND, trigger=SILENCE, filter="{customer.orders_count: {at_least: 5}}")
    shop.customer(last_order_at=shop.clock() - timedelta(days=59), orders_count=1)
    shop.clock.advance(days=1)

    for _ in range(3):
        shop.enter_due()
        shop.clock.advance(minutes=5)

    assert shop.reasons() == ["filter_not_met"]


def test_a_mark_passed_while_we_were_down_is_refused_on_record(shop: Shop) -> None:
    shop.has_flow(SEND, trigger=SILENCE)
    shop.customer(last_order_at=shop.clock() - timedelta(days=59))
    shop.clock.advance(days=4)

    shop.enter_due()

    assert shop.reasons() == ["too_late_to_enter"]


def test_more_people_than_one_batch_all_enter(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.has_flow(SEND, trigger=SILENCE)
    shop.customers(620, last_order_at=shop.clock() - timedelta(days=59, hours=23))
    shop.clock.advance(hours=1)

    assert shop.enter_due() == 620


def test_only_a_newcomer_enters_by_a_condition_and_only_when_they_come(shop: Shop) -> None:
    shop.customer("old", orders_count=5)
    new = shop.customer("new", orders_count=2)
    shop.has_flow(SEND, trigger="{segment: {entered: {customer.orders_count: {at_least: 3}}}}")
    assert shop.enter_due() == 0

    shop.counts(new, 3)
    assert shop.enter_due() == 1
    shop.advance()
    shop.counts(new, 0)
    shop.clock.advance(days=1)
    assert shop.enter_due() == 0
    shop.counts(new, 4)
    shop.clock.advance(days=1)
    assert shop.enter_due() == 1

    assert {j.customer_id for j in shop.journeys()} == {new}


def test_a_changed_condition_lets_in_nobody_who_met_it_already(shop: Shop) -> None:
    shop.customer(orders_count=2)
    trigger = "{segment: {entered: {customer.orders_count: {at_least: 3}}}}"
    shop.has_flow(SEND, trigger=trigger)

    shop.has_flow(SEND, trigger=trigger.replace("3", "2"))

    assert shop.enter_due() == 0


def test_a_day_of_the_calendar_comes_for_everybody_in_the_filter_once(shop: Shop) -> None:
    shop.customer("ana", orders_count=1)
    shop.customer("bea", orders_count=0)
    shop.has_flow(
        SEND,
        trigger='{date: {on: 2026-03-04, at: "09:00"}}',
        filter="{customer.orders_count: {at_least: 1}}",
    )

    shop.clock.travel(datetime(2026, 3, 4, 7, 59, tzinfo=UTC))
    assert shop.enter_due() == 0
    shop.clock.travel(datetime(2026, 3, 4, 8, 0, tzinfo=UTC))
    assert [shop.enter_due(), shop.enter_due()] == [1, 0]


def test_an_anniversary_comes_every_year(shop: Shop) -> None:
    shop.customer(first_order_at=datetime(2024, 3, 3, 12, 0, tzinfo=UTC))
    shop.customer("new", first_order_at=datetime(2026, 3, 3, 1, 0, tzinfo=UTC))
    shop.has_flow(SEND, trigger="{date: {anniversary_of: first_order}}")

    shop.clock.travel(datetime(2026, 3, 3, 10, 0, tzinfo=UTC))
    assert [shop.enter_due(), shop.enter_due()] == [1, 0]
    shop.advance()
    shop.clock.travel(datetime(2027, 3, 3, 10, 0, tzinfo=UTC))
    assert shop.enter_due() == 2


def test_a_flow_that_breaks_us_holds_up_no_other(shop: Shop) -> None:
    """Such as one whose segment was written for another version of the language."""
    with store_transaction(shop.store_id) as session:
        often = Draft("often", "Often", "customer.orders_count: {at_least: 3}")
        flows.keep_segment(session, shop.store(session), often, shop.clock())
    for slug in ("before", "then"):
        shop.has_flow(SEND, slug=slug, trigger="{segment: {entered: often}}")
    once = "{segment: {entered: {customer.orders_count: {is: 1}}}}"
    shop.has_flow(SEND, slug="anybody", trigger=once)
    with store_transaction(shop.store_id) as session:
        session.execute(update(Segment).where(Segment.slug == "often").values(written="it: was"))
    ana = shop.customer("ana", orders_count=1)

    assert shop.enter_due() == 1
    assert [(j.customer_id, j.flow_id) for j in shop.journeys()] == [(ana, shop.flow_id("anybody"))]
