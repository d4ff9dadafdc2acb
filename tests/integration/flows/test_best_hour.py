"""A wait for the best time, from a store's orders to the message, each by its person's clock."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.customers.habits import ask_for_habits
from app.inbox.habits import keep_habits
from app.models import StoreHabits
from app.tenancy import store_transaction
from tests.integration.flows.conftest import Shop

STEPS = "  - wait: {until: best_time}\n  - send: {channel: email, message: hello}"


def learn(shop: Shop) -> list[int]:
    """What a night finds."""
    with store_transaction(shop.store_id) as session:
        ask_for_habits(session, shop.clock())
    keep_habits(shop.store_id)
    (found,) = shop.all(StoreHabits)
    return list(found.hours)


def test_answers_count_at_the_hour_where_the_person_lives(shop: Shop) -> None:
    now = shop.clock()  # Ten in Rome, six in São Paulo.
    for number, (country, region) in enumerate((("IT", None), ("BR", "SP"), (None, None))):
        who = shop.customer(f"p{number}", country=country, region=region)
        shop.order(who, f"o-{number}")
    shop.clock.travel(now - timedelta(days=200))
    shop.order(shop.customer("old"), "o-old")
    shop.clock.travel(now)

    hours = learn(shop)

    assert {hour: many for hour, many in enumerate(hours) if many} == {6: 1, 10: 2}


@pytest.mark.requirement(111)
def test_a_message_goes_at_the_stores_hour_and_remembers_how_it_was_chosen(shop: Shop) -> None:
    now = shop.clock()
    shop.clock.travel(now - timedelta(hours=14))  # Eight in the evening before, in Rome.
    for number in range(30):
        shop.order(shop.customer(f"buyer{number}"), f"o-{number}")
    shop.clock.travel(now - timedelta(hours=15))
    for number in range(60):
        shop.order(shop.customer(f"early{number}"), f"p-{number}")
    shop.clock.travel(now)
    learn(shop)
    shop.has_flow(STEPS)
    for number in range(40):
        shop.fire(shop.act(shop.customer(f"ana{number}"), key=f"e-{number}"))

    shop.advance()
    for hour in range(24):
        shop.advance_at(now + timedelta(hours=hour))

    went = [
        (message.context["hour"]["by"], message.due_at.astimezone(ZoneInfo("Europe/Rome")).hour)
        for message in shop.messages()
    ]
    assert len(went) == 40
    assert {hour for by, hour in went if by == "best_hour"} == {19}
    assert {hour for by, hour in went if by == "random_hour"} <= set(range(9, 20))
    reasons = shop.reasons()
    assert reasons.count("best_hour") + reasons.count("random_hour") == 40
    assert reasons.count("best_hour") > 20
