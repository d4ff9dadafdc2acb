"""Webhooks that come twice, in any order, hours late; nudges that get lost."""

import pytest

from app import jobs
from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_webhooks_that_come_twice_and_in_any_order_give_the_same_story(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes, seed: int
) -> None:
    shopify.runs("abandoned-cart", "post-sale")
    ana = someone("ana", agrees=("email",))
    shopify.falls_silent()
    shopify.signs_up(ana)
    left = shopify.cart(ana)
    order = shopify.buys(ana, basket=left)
    shopify.refunds(order)
    waiting = shopify.world.office.waiting
    shopify.world.office.repeat(len(waiting))
    shopify.world.office.shuffle(seed)

    shopify.speaks_again()
    clock.advance(hours=25)

    assert shopify.customer(ana).orders_count == 0
    assert shopify.carts(ana) == ["ordered"]
    assert set(shopify.webhooks()) <= {"applied", "ignored"}
    assert len(email.to(ana)) <= 1
    assert shopify.consent(ana, "email") == "subscribed"


def test_webhooks_that_come_five_hours_late_remind_nobody_who_has_bought(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart", "post-sale")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.falls_silent()
    left = shop.cart(ana)
    clock.advance(minutes=10)
    shop.buys(ana, basket=left)
    clock.advance(hours=5)

    shop.speaks_again()
    clock.advance(hours=25)

    assert shop.carts(ana) == ["ordered"]
    assert shop.journeys(ana, "abandoned-cart") == []
    assert len(shop.journeys(ana, "post-sale")) == 1
    assert len(email.to(ana)) == 1


def test_a_cart_told_five_hours_late_is_still_reminded_of_once(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.falls_silent()
    shop.cart(ana)
    clock.advance(hours=5)

    shop.speaks_again()
    clock.advance(hours=2)

    assert len(email.to(ana)) == 1


def test_a_queue_that_is_flushed_loses_nothing_and_repeats_nothing(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    people = [shop.signs_up(someone(f"p{n}", agrees=("email",))) for n in range(5)]
    for who in people:
        shop.cart(who)
        shop.stage.deliver()
        jobs.redis().flushdb()

    for _ in range(54):
        jobs.redis().flushdb()
        clock.advance(minutes=30)

    assert sorted(len(email.to(who)) for who in people) == [2, 2, 2, 2, 2]
    assert shop.webhooks().keys() <= {"applied", "ignored"}
