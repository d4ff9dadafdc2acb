"""Money: credited, given back, and in a currency without decimals."""

import pytest

from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import Stage, StageClock
from tests.journeys.woo_shop import WooStoryShop


@pytest.mark.requirement(20, 99)
def test_a_refund_takes_the_credit_back(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    left = shop.cart(ana, "Timo")
    clock.advance(hours=3)
    email.click(email.to(ana)[0])

    order = shop.buys(ana, basket=left)
    assert [(c.amount_minor, c.reversed_minor) for c in shop.credits()] == [(1_890, 0)]
    clock.advance(hours=4)
    shop.refunds(order)

    assert [(c.amount_minor, c.reversed_minor) for c in shop.credits()] == [(1_890, 1_890)]


@pytest.mark.parametrize("platform", ["shopify", "woo"])
def test_a_store_in_yen_shows_and_counts_whole_yen(
    stage: Stage, clock: StageClock, email: Mailboxes, platform: str
) -> None:
    shop: StoryShop = (
        ShopifyStoryShop(stage, "cha.myshopify.com", currency="JPY", timezone="Asia/Tokyo")
        if platform == "shopify"
        else WooStoryShop(stage, currency="JPY", decimals=0, timezone="Asia/Tokyo")
    )
    shop.joins()
    shop.runs("abandoned-cart")
    yuki = shop.signs_up(someone("yuki", country="JP", locale="en", agrees=("email",)))
    left = shop.cart(yuki, "Timo")
    clock.advance(hours=20)
    (reminder,) = email.to(yuki)
    assert "1,890" in reminder.html or "1.890" in reminder.html
    assert "18.90" not in reminder.html and "18,90" not in reminder.html

    email.click(reminder)
    shop.buys(yuki, basket=left)

    assert [(c.amount_minor, c.currency) for c in shop.credits()] == [(1_890, "JPY")]
