"""Carts that were left: reminded of, bought, recovered, and left in peace."""

import pytest

from tests.journeys.inboxes import Mailboxes, Phones, code_in
from tests.journeys.people import someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock
from tests.journeys.woo_shop import WooStoryShop
from workers.jobs import drain


@pytest.mark.requirement(65)
def test_who_leaves_a_cart_is_reminded_after_an_hour_and_a_day(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))

    shop.cart(ana, "Timo")
    clock.advance(hours=2)
    assert email.subjects(ana) == ["Hai lasciato qualcosa nel carrello"]
    clock.advance(hours=24)

    assert email.subjects(ana) == [
        "Hai lasciato qualcosa nel carrello",
        "Un dubbio sul tuo carrello?",
    ]
    assert shop.carts(ana) == ["abandoned"]


@pytest.mark.requirement(20, 65, 72)
def test_a_cart_is_recovered_with_a_code_that_is_shown_once_and_works_once(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))

    left = shop.cart(ana, "Timo", "Miele")
    clock.advance(hours=74)
    incentive = email.to(ana)[-1]
    email.click(incentive)
    clock.advance(minutes=30)
    shop.buys(ana, basket=left, code=code_in(incentive))
    clock.advance(hours=2)

    assert len(email.to(ana)) == 3
    assert shop.carts(ana) == ["recovered"]
    assert shop.journey(ana).converted_at is not None
    assert [offer.status for offer in shop.offers(ana)] == ["used"]
    (credit,) = shop.credits()
    assert (credit.amount_minor, credit.reversed_minor, credit.channel) == (4_662, 0, "email")
    assert [message.clicked_at is not None for message in shop.messages(ana)] == [
        False,
        False,
        True,
    ]


@pytest.mark.requirement(72)
def test_who_buys_with_another_address_before_the_reminder_gets_none(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))

    left = shop.cart(ana)
    clock.advance(minutes=30)
    shop.buys(ana, basket=left, email=ana.work_email)
    clock.advance(hours=26)

    assert email.to(ana) == []
    assert shop.carts(ana) == ["ordered"]


@pytest.mark.requirement(72)
def test_who_buys_after_the_first_reminder_gets_no_second(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))

    left = shop.cart(ana)
    clock.advance(hours=3)
    shop.buys(ana, basket=left)
    clock.advance(hours=26)

    assert len(email.to(ana)) == 1
    assert shop.journey(ana).end_reason == "goal_reached"
    assert shop.carts(ana) == ["recovered"]


@pytest.mark.requirement(72)
def test_who_buys_while_the_send_is_being_claimed_gets_no_reminder(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    """The order's webhook arrives and is worked off between the claim and the call."""
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    left = shop.cart(ana)

    def buy_and_tell() -> None:
        shop.places_order(ana, left)
        assert shop.stage.deliver() > 0
        drain("inbox", str(shop.store_id))

    shop.when_asked_for_orders(buy_and_tell)
    clock.advance(hours=26)

    assert email.to(ana) == []
    assert shop.journey(ana).end_reason in {"goal_reached", "already_ordered"}


@pytest.mark.requirement(72)
def test_an_order_that_only_the_live_check_can_see_stops_the_reminder(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))

    left = shop.cart(ana)
    shop.falls_silent()
    clock.advance(minutes=40)
    shop.buys(ana, basket=left, email=ana.work_email)
    clock.advance(hours=3)

    assert email.to(ana) == []
    assert shop.journey(ana).end_reason in {"goal_reached", "already_ordered"}
    shop.speaks_again()
    clock.advance(hours=24)
    assert email.to(ana) == []
    assert shop.customer(ana).orders_count == 1


@pytest.mark.requirement(3, 67)
def test_who_agreed_to_texts_gets_one_and_the_incentive_by_text(
    woo: WooStoryShop, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    shop = woo
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("email", "sms")))

    left = shop.cart(ana)
    clock.advance(hours=76)
    reminder, incentive = texts.to(ana)
    texts.click(reminder)
    shop.buys(ana, basket=left, code=code_in(incentive))

    assert len(email.to(ana)) == 2
    assert [offer.status for offer in shop.offers(ana)] == ["used"]
    assert [credit.channel for credit in shop.credits()] == ["sms"]
