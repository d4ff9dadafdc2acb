"""How people live with a shop: welcomed, thanked, missed, asked for a favour."""

from datetime import timedelta

import pytest

from tests.journeys.files import ASKS
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import Stage, StageClock
from tests.journeys.woo_shop import WooStoryShop


@pytest.mark.requirement(2, 44, 47, 48, 49)
def test_a_subscriber_is_welcomed_until_they_buy_and_thanked_from_then_on(
    woo: WooStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    woo.runs("welcome", "post-sale")
    ana = woo.signs_up(someone("ana", agrees=("email",)))
    clock.advance(days=2, hours=2)
    assert len(email.to(ana)) == 2

    woo.buys(ana, "Timo")
    clock.advance(days=3, hours=2)

    assert woo.journey(ana, "welcome").end_reason == "goal_reached"
    assert [message.name for message in woo.messages(ana)] == [
        "hello",
        "choose",
        "confirmation",
        "first-steps",
    ]
    assert len(email.to(ana)) == 4


@pytest.mark.requirement(6, 55, 63, 93)
def test_who_is_delighted_is_asked_for_a_favour_two_days_later(
    woo: WooStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    woo.runs("referral-ask", "low-score")
    woo.runs_file(ASKS)
    ana = woo.signs_up(someone("ana", agrees=("email",)))
    woo.buys(ana, "Miele")
    clock.advance(minutes=30)

    email.answer(email.to(ana)[0], 10)
    clock.advance(days=1, hours=23)
    assert len(email.to(ana)) == 1
    clock.advance(hours=3)

    assert email.subjects(ana)[1:] == ["Grazie. Possiamo chiederti un favore?"]
    assert woo.tasks(ana) == []


@pytest.mark.requirement(46, 54, 79)
def test_who_grows_quiet_is_missed_after_two_weeks(
    stage: Stage, clock: StageClock, email: Mailboxes
) -> None:
    shop = ShopifyStoryShop(stage)
    start = clock.moment
    clock.travel(start - timedelta(days=14) + timedelta(hours=1))
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.buys(ana)
    clock.travel(start)
    shop.joins()
    shop.runs("inactivity")

    clock.advance(hours=3)

    assert email.subjects(ana) == ["Ci manchi un po'"]


@pytest.mark.requirement(71)
def test_a_low_score_asks_what_went_wrong_by_whatsapp_where_that_was_agreed_to(
    shop: StoryShop, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    words = "{{1}} grazie per il tuo voto sincero. Ci racconti cosa non è andato con {{2}}? {{3}}"
    template = shop.stage.phones.add_template(words, marketing=False)
    shop.chooses(whatsapp_templates={"low-score.survey.it": template.sid})
    shop.runs("low-score")
    shop.runs_file(ASKS)
    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("email", "whatsapp")))
    shop.buys(ana, "Miele")
    clock.advance(minutes=30)

    email.answer(email.to(ana)[0], 2)
    clock.advance(hours=1)

    (question,) = texts.to(ana)
    assert question.channel == "whatsapp"
    assert len(email.to(ana)) == 1
    texts.reply(ana, "STOP", channel="whatsapp")
    assert shop.consent(ana, "whatsapp") == "unsubscribed"


@pytest.mark.requirement(71)
def test_a_low_score_asks_by_mail_while_whatsapp_has_no_approved_template(
    shop: StoryShop, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    shop.runs("low-score")
    shop.runs_file(ASKS)
    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("email", "whatsapp")))
    shop.buys(ana, "Miele")
    clock.advance(minutes=30)

    email.answer(email.to(ana)[0], 2)
    clock.advance(hours=1)

    assert texts.to(ana) == []
    assert email.subjects(ana)[1:] == ["Ti ascoltiamo"]
