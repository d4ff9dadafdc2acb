"""One person, however many names: guests, accounts, numbers that say nothing."""

import pytest

from tests.journeys.files import MAILS, TEXTS
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock


@pytest.mark.requirement(10)
def test_a_guest_who_opens_an_account_is_one_person_with_one_history(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("post-sale", "welcome")
    ana = someone("ana")

    shop.buys(ana, "Timo")
    clock.advance(hours=6)
    ana.agrees = ("email",)
    shop.signs_up(ana)
    clock.advance(hours=24)

    assert shop.customer(ana).orders_count == 1
    assert shop.customer(ana).platform_key is not None
    assert len(shop.journeys(ana, "post-sale")) == 1
    assert shop.journeys(ana, "welcome") == []
    assert "filter_not_met" in shop.why(ana, "welcome")
    assert len(email.to(ana)) == 1


def test_a_number_without_a_country_is_never_guessed_and_the_mail_goes(
    shop: StoryShop, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    shop.chooses(caps={"promotional_per_day": 9})
    shop.runs_file(MAILS)
    shop.runs_file(TEXTS.replace("flow: story", "flow: texts"))

    ana = shop.signs_up(someone("ana", phone="12345", country=None, agrees=("email", "sms")))
    clock.advance(hours=3)

    assert len(email.to(ana)) == 1
    assert texts.sent == []
    assert "no_address" in shop.why(ana)
