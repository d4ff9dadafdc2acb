"""Programmes that go on by phone: the win-back's text, and the upsell's WhatsApp."""

from datetime import timedelta

import pytest

from tests.journeys.inboxes import Mailboxes, Phones, code_in
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.stage import Stage, StageClock

NUMBER = "+393471234567"


@pytest.mark.requirement(43, 57, 115)
def test_the_gift_is_remembered_by_text_on_day_three_and_used_by_who_comes_back(
    stage: Stage, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    shop = ShopifyStoryShop(stage)
    ana = shop.signs_up(someone("ana", phone=NUMBER, agrees=("email", "sms")))
    shop.buys(ana, at=clock() - timedelta(days=60) + timedelta(hours=1))
    shop.joins()
    shop.runs("reactivation-60")

    clock.advance(days=3, hours=2)
    (gift,), (reminder,) = email.to(ana), texts.to(ana)
    assert reminder.at - gift.at >= timedelta(days=3) - timedelta(hours=1)
    assert code_in(reminder) == code_in(gift)
    texts.click(reminder)
    shop.buys(ana, code=code_in(reminder))

    assert shop.journey(ana).end_reason == "goal_reached"
    assert [offer.status for offer in shop.offers(ana)] == ["used"]
    assert [credit.channel for credit in shop.credits()] == ["sms"]


@pytest.mark.requirement(4, 55)
def test_what_goes_with_an_order_is_offered_by_mail_and_then_by_whatsapp(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    words = "{{1}} abbiamo scelto qualcosa che sta bene con il tuo ordine da {{2}}: {{3}}"
    template = shopify.stage.phones.add_template(words)
    shopify.chooses(whatsapp_templates={"complementary-upsell.goes-with.it": template.sid})
    shopify.runs("complementary-upsell")
    bea = shopify.signs_up(someone("bea", agrees=("email",)))
    shopify.buys(bea, "Timo", "Salvia")
    ana = shopify.signs_up(someone("ana", phone=NUMBER, agrees=("email", "whatsapp")))
    shopify.buys(ana, "Timo")

    bought = clock.moment
    clock.travel(bought + timedelta(days=21) - timedelta(hours=1))
    clock.advance(minutes=30)  # Meanwhile it is found what goes with what.
    clock.advance(days=3)  # One in ten is written to at an hour drawn at random.
    (mail,) = email.to(ana)
    assert "Salvia" in mail.html
    clock.travel(bought + timedelta(days=25) - timedelta(hours=1))
    clock.advance(hours=3)

    (word,) = texts.to(ana)
    assert word.channel == "whatsapp"
    assert len(email.to(ana)) == len(email.to(bea)) == 1
