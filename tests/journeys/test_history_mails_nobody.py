"""Histories of people who could be written to: with every programme running, nobody is."""

from datetime import timedelta

import pytest

from app.models import Journey, Message
from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import Someone, someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import Stage, StageClock
from tests.journeys.woo_shop import WooStoryShop

EVERYTHING = ("abandoned-cart", "nurture", "post-sale", "welcome", "complementary-upsell")
PEOPLE = 12
REGULARS = """flow: regulars
name: {en: Regulars}
languages: [en]
purpose: service
trigger: {segment: {entered: {customer.orders_count: {at_least: 1}}}}
holdout: 0%
steps:
  - send: {channel: email, message: hello}
messages:
  hello: {email: {en: {subject: Hello, body: Come back}}}
"""


@pytest.mark.parametrize("kind", [ShopifyStoryShop, WooStoryShop])
def test_a_shop_with_subscribers_and_unpaid_orders_brings_them_and_mails_nobody(
    stage: Stage, clock: StageClock, email: Mailboxes, kind: type[StoryShop]
) -> None:
    shop = kind(stage)
    shop.connects()
    shop.runs(*EVERYTHING)
    shop.runs_file(REGULARS)
    shop.falls_silent()
    _lives_without_us(shop, clock)

    shop.connects()
    shop.reads_history()
    clock.advance(hours=30)

    assert shop.count(Journey) == shop.count(Message) == 0
    assert email.sent == []


def _lives_without_us(shop: StoryShop, clock: StageClock) -> None:
    """Subscribers of a month ago, buyers, and carts and unpaid orders of the last day."""
    now = clock.moment
    clock.travel(now - timedelta(days=25))
    people = [someone(f"past{n}", agrees=("email",)) for n in range(PEOPLE)]
    for who in people:
        shop.signs_up(who)
    clock.travel(now - timedelta(hours=20))
    for n, who in enumerate(people[: PEOPLE // 2]):
        shop.cart(who)
        if isinstance(shop, WooStoryShop):
            _checks_out_without_paying(shop, who, drafts=n % 2 == 0)
    shop.buys(people[-1])
    clock.travel(now)


def _checks_out_without_paying(shop: WooStoryShop, who: Someone, *, drafts: bool) -> None:
    shopper, goods = shop._shopper(who, session=f"left-by-{who.name}"), {shop.goods["Timo"]: 1}
    if drafts:
        shop.world.draft(shopper, goods)
    else:
        shop.world.place_order(shopper, goods, pays=False)
