"""A message shows what may be bought at the moment it goes, and reads well when nothing may."""

from datetime import timedelta
from typing import Any

import pytest

from app.customers.habits import ask_for_habits
from app.events import Line, Person, ProductSeen
from app.inbox.habits import keep_habits
from app.models import MessageStatus
from app.tenancy import store_transaction
from tests.fakes.town import Town
from tests.statements import statements

PICKS: dict[str, Any] = {"name": "picks", "purpose": "nurture", "context": {}}


def product(town: Town, key: str, **more: Any) -> ProductSeen:
    values = {"price_minor": 1_250, "currency": "EUR", "updated_at": town.clock.moment, **more}
    return ProductSeen(product_key=key, title=key.title(), **values)


@pytest.fixture
def shelf(town: Town) -> Town:
    """Tea sells better than salt."""
    sold = [("1", "tea"), ("2", "tea"), ("3", "salt")]
    town.tell(product(town, "tea"), product(town, "salt", image_url="https://cdn.example/s.png"))
    for number, key in sold:
        line = Line(line_key=key, product_key=key, title=key, quantity=1, total_minor=1_250)
        buyer = Person(email=f"buyer{number}@example.com")
        town.tell(town.order(order_key=number, number=number, person=buyer, lines=(line,)))
    with store_transaction(town.store_id) as session:
        ask_for_habits(session, town.clock.moment)
    keep_habits(town.store_id)
    return town


@pytest.mark.requirement(111)
def test_what_has_sold_out_since_it_was_planned_is_not_in_the_mail(shelf: Town) -> None:
    (journey_id,) = shelf.neighbours(1)
    message_id = shelf.plan(journey_id, **PICKS)
    gone = product(shelf, "tea", available=False, updated_at=shelf.clock.advance(minutes=5))
    shelf.tell(gone)

    shelf.send()

    message = shelf.message(message_id)
    assert message.status == MessageStatus.ACCEPTED
    assert message.body is not None
    assert "Salt 12,50\xa0€;" in message.body
    assert "- Salt (12,50\xa0€)" in message.body
    assert "https://cdn.example/s.png" in (message.html or "")
    assert "Tea" not in message.body


def test_with_nothing_to_recommend_the_mail_goes_and_says_so(town: Town) -> None:
    (journey_id,) = town.neighbours(1)
    message_id = town.plan(journey_id, **PICKS)

    town.send()

    message = town.message(message_id)
    assert message.status == MessageStatus.ACCEPTED
    assert "niente" in (message.body or "")


def test_a_group_of_mails_asks_as_often_as_one(shelf: Town) -> None:
    journeys = shelf.neighbours(12)
    shelf.plan(journeys[0], **PICKS)
    with statements() as of_one:
        shelf.send()
    for journey_id in journeys[1:]:
        shelf.plan(journey_id, **PICKS, due_at=shelf.clock.moment - timedelta(minutes=1))
    with statements() as of_many:
        shelf.send()

    products = [asked for asked in of_many if "product_measures" in asked]
    assert {asked: of_many[asked] for asked in products} == {
        asked: of_one[asked] for asked in products
    }
    assert len(products) == 3
    assert len(shelf.mail.out) == 12
