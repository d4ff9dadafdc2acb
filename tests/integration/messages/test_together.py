"""The shop is asked about several people in one call; nobody is answered for another."""

from typing import Any

from app.errors import Unreachable
from app.events import Person
from tests.fakes.town import Town

THANKS: dict[str, Any] = {"name": "thanks", "purpose": "nurture", "context": {}}


def test_the_shop_is_asked_about_as_many_at_a_time_as_it_takes(town: Town) -> None:
    shop = town.connections.fake_shop
    for journey_id in town.neighbours(5):
        town.plan(journey_id, **THANKS)

    town.send()

    assert sorted(shop.groups) == [1, 2, 2]
    assert len(town.mail.out) == 5


def test_who_has_bought_is_left_in_peace_and_the_others_of_the_call_are_not_held(
    town: Town,
) -> None:
    shop = town.connections.fake_shop
    ids = [town.plan(journey_id, **THANKS) for journey_id in town.neighbours(4)]
    shop.orders = [town.order(person=Person(email="n2@example.com"))]

    town.send()

    statuses = [town.message(message_id).status for message_id in ids]
    assert statuses == ["accepted", "accepted", "held", "accepted"]
    assert town.reasons(ids[2])[0] == "already_ordered"


def test_one_whom_the_shop_cannot_answer_for_does_not_keep_the_other_of_the_call(
    town: Town,
) -> None:
    shop = town.connections.fake_shop
    ids = [town.plan(journey_id, **THANKS) for journey_id in town.neighbours(2)]
    shop.problems = {"n0@example.com": Unreachable("Not now.")}

    town.send()

    assert shop.groups == [2]
    assert town.reasons(ids[0]) == ["shop_unreachable"]
    assert [message.to for message in town.mail.out] == ["n1@example.com"]
