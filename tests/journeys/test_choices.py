"""People who say no, in whatever words and wherever: it holds at once and everywhere."""

import pytest
from sqlalchemy import select

from app.models import ConsentWriteback
from tests.journeys.files import TEXTS
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import Someone, someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock
from workers.jobs import drain


def told_of_the_choice(shop: StoryShop) -> dict[str, bool]:
    """To whom the opt-out had to be brought, and whether it was."""
    rows = select(ConsentWriteback.target, ConsentWriteback.done_at)
    return shop.read(lambda session: {t: at is not None for t, at in session.execute(rows)})


def suppressed_at_klaviyo(shop: StoryShop, who: Someone) -> bool:
    profile = shop.account.find(who.email or "")
    return profile is not None and bool(profile.suppressions)


@pytest.mark.parametrize("words", ["STOP", "Basta, non scrivetemi più"])
def test_who_refuses_texts_in_their_own_words_gets_none_and_the_shop_hears_of_it(
    shop: StoryShop, clock: StageClock, texts: Phones, words: str
) -> None:
    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("email", "sms")))
    shop.runs_file(TEXTS.replace("customer_created", "cart_abandoned"))
    shop.cart(ana)
    clock.advance(hours=2)
    assert len(texts.to(ana)) == 1

    texts.reply(ana, words)
    clock.advance(hours=26)

    assert len(texts.to(ana)) == 1
    assert "opted_out" in shop.why(ana)
    assert shop.consent(ana, "sms") == "unsubscribed"
    assert shop.consent_of(ana, "sms") == "unsubscribed"
    assert told_of_the_choice(shop) == {"shop": True, "klaviyo": True}
    assert shop.consent(ana, "email") == "subscribed"


def test_who_leaves_the_list_in_the_shop_gets_no_mail_and_klaviyo_hears_of_it(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.cart(ana)
    clock.advance(hours=3)

    shop.withdraws(ana, "email")
    clock.advance(hours=24)

    assert len(email.to(ana)) == 1
    assert shop.journey(ana).end_reason == "exit_event"
    assert suppressed_at_klaviyo(shop, ana)


def test_an_opt_out_that_waits_in_the_inbox_stops_what_would_leave_now(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.cart(ana)
    clock.after_each_step = None  # No worker comes by: only what is asked for here is done.
    clock.advance(hours=3)
    for duty in ("rhythm", "steps"):
        drain(duty, str(shop.store_id))

    shop.sets_consent(ana, "email", "unsubscribed")
    shop.stage.deliver()
    drain("messages", str(shop.store_id))

    assert email.to(ana) == []
    assert shop.journey(ana).end_reason == "exit_event"


def test_who_uses_the_link_in_the_mail_gets_no_more_and_the_shop_hears_of_it(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.cart(ana)
    clock.advance(hours=3)

    email.unsubscribe(email.to(ana)[0])
    clock.advance(hours=24)

    assert len(email.to(ana)) == 1
    assert shop.consent(ana, "email") == "unsubscribed"
    assert shop.consent_of(ana, "email") == "unsubscribed"


@pytest.mark.requirement(69)
def test_who_never_agreed_and_never_bought_is_not_written_to_in_italy(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana"))

    shop.cart(ana)
    clock.advance(hours=3)

    assert email.to(ana) == []
    assert "no_legal_basis" in shop.why(ana)


@pytest.mark.requirement(125)
def test_a_german_is_mailed_once_the_address_has_confirmed_the_tick(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", country="DE", agrees=("email",)))
    shop.cart(ana)
    clock.advance(hours=3)
    assert email.to(ana) == []
    assert "opt_in_not_confirmed" in shop.why(ana)

    shop.confirms(ana, "email")
    clock.advance(hours=24)

    assert len(email.to(ana)) == 1


def test_a_shop_that_has_the_confirmation_elsewhere_switches_the_rule_off(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.chooses(confirmed_opt_in_where_expected=False)
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", country="DE", agrees=("email",)))

    shop.cart(ana)
    clock.advance(hours=3)

    assert len(email.to(ana)) == 1
