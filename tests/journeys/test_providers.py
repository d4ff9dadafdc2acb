"""Providers that fall silent, answer into the void, or say no."""

from app.sandbox.server import Fault
from tests.journeys.files import MAILS, TEXTS
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock

EVENTS = "/api/events"
TEXTING = "/2010-04-01"
NOBODY = "http://127.0.0.1:9"


def test_an_outage_of_an_hour_at_klaviyo_loses_nothing_and_repeats_nothing(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    """Every second request is taken although its answer never comes."""
    shop.runs_file(MAILS)
    mail = shop.stage.mail
    for _ in range(300):
        mail.fail(Fault(path=EVENTS, method="POST", status=503))
        mail.fail(Fault(path=EVENTS, method="POST", status=504, after=True))

    people = [shop.signs_up(someone(f"p{n}", agrees=("email",))) for n in range(6)]
    for _ in range(60):
        clock.advance(minutes=1)
    with mail.lock:
        assert len(mail.faults) < 590
        mail.faults.clear()
    clock.advance(hours=8)

    assert [len(email.to(who)) for who in people] == [1] * 6
    assert {message.status for who in people for message in shop.messages(who)} <= {
        "accepted",
        "sent",
        "delivered",
    }


def test_a_text_whose_reply_was_lost_is_looked_up_and_not_sent_again(
    shop: StoryShop, clock: StageClock, texts: Phones
) -> None:
    """Nor does any callback arrive, which would tell as much."""
    shop.runs_file(TEXTS)
    phones = shop.stage.phones
    phones.tunnel(shop.stage.config.public_url, NOBODY)
    phones.fail(Fault(path=TEXTING, method="POST", after=True, hang_up=True))

    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("sms",)))
    clock.advance(hours=6)

    assert len(texts.to(ana)) == 1
    assert [method for _, method, _ in phones.requests].count("POST") == 1
    assert {"result_unknown", "found_at_provider"} <= set(shop.why(ana))


def test_an_address_that_bounces_is_not_written_to_again(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs_file(MAILS)
    ana = someone("ana", agrees=("email",))
    shop.account.bad_addresses.add(ana.email or "")

    shop.signs_up(ana)
    clock.advance(days=1, hours=7)

    assert email.to(ana) == []
    assert "suppressed" in shop.why(ana)


def test_a_text_to_a_phone_that_was_off_arrives_six_hours_later(
    shop: StoryShop, clock: StageClock, texts: Phones
) -> None:
    number, phones = "+393471234567", shop.stage.phones
    phones.mark(number, 30003)
    shop.runs_file(TEXTS)
    ana = shop.signs_up(someone("ana", phone=number, agrees=("sms",)))
    clock.advance(hours=2)
    assert texts.to(ana) == []

    del phones.books.codes[number]
    clock.advance(days=1)

    assert len(texts.to(ana)) == 1
    message = next(one for one in shop.messages(ana) if one.step == "first")
    assert (message.status, message.attempts) == ("delivered", 2)
    assert "not_reached" in shop.why(ana)


def test_who_was_mailed_has_a_whole_profile_and_only_they(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs_file(MAILS)
    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("email",)))
    bo = shop.signs_up(someone("bo"))
    clock.advance(hours=6)
    shop.buys(bo)
    clock.advance(hours=1)

    assert len(email.to(ana)) == 1
    profile = shop.account.find(ana.email or "")
    assert profile is not None
    assert profile.attributes["phone_number"] == ana.phone
    assert shop.account.find(bo.email or "") is None
