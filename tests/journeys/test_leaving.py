"""Signs of leaving told in full: somebody of the shop answers, and a mail goes where it may."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from app.inbox.receive import Kept, insert_webhooks
from app.platforms.acts import TOPIC
from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import Someone, someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock
from tests.journeys.woo_shop import WooStoryShop


def tells(
    shop: StoryShop, who: Someone, name: str, *, times: int = 1, ago: timedelta = timedelta()
) -> None:
    """The shop's own software says what somebody did, or what befell them."""
    at, key = (shop.stage.clock() - ago).isoformat(), str(uuid4())
    said = {"name": name, "at": at, "person": {"email": who.email}}
    acts = [{**said, "id": f"{key}-{number}"} for number in range(times)]
    body = json.dumps({"acts": acts}).encode()
    kept = Kept(store_id=shop.store_id, webhook_key=key, topic=TOPIC, body=body, triggered_at=None)
    insert_webhooks([kept])
    shop.stage.settle()


def asked_for(shop: StoryShop, who: Someone) -> list[str]:
    return [task.owner for task in shop.tasks(who)]


@pytest.mark.requirement(68, 76, 78, 79, 80)
def test_a_grave_sign_is_answered_by_its_owner_and_by_a_mail_and_the_gravest_by_the_leadership(
    woo: WooStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    ana, bea, cleo, dora = (
        woo.signs_up(someone(name, agrees=("email",))) for name in ("ana", "bea", "cleo", "dora")
    )
    clock.advance(hours=3)
    woo.runs("signs-of-leaving")
    woo.withdraws(dora, "email")

    tells(woo, ana, "complaint_made")
    tells(woo, bea, "payment_failed")
    tells(woo, cleo, "cancellation_sought")
    tells(woo, dora, "competitor_compared")
    clock.advance(hours=3)

    assert [asked_for(woo, who) for who in (ana, bea, cleo, dora)] == [
        ["account"],
        ["account"],
        ["leadership"],
        ["account"],
    ]
    assert [[mail.subject for mail in email.to(who)] for who in (ana, bea, cleo, dora)] == [
        ["È tutto come speravi?"],
        ["Il tuo pagamento non è riuscito"],
        [],
        [],
    ]

    tells(woo, ana, "cancellation_sought")
    clock.advance(hours=1)

    assert asked_for(woo, ana) == ["account", "leadership"]
    assert len(email.to(ana)) == 1


@pytest.mark.requirement(74, 78)
def test_who_has_more_tickets_is_asked_how_it_went_when_somebody_has_seen_them_through(
    woo: WooStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    ana, bea, cleo = (
        woo.signs_up(someone(name, agrees=("email",))) for name in ("ana", "bea", "cleo")
    )
    clock.advance(hours=3)
    woo.runs("tickets-up", "signs-of-leaving")

    tells(woo, ana, "ticket_opened", times=2)
    tells(woo, bea, "ticket_opened")
    tells(woo, cleo, "complaint_made")
    tells(woo, cleo, "ticket_opened", times=3)
    clock.advance(days=3)

    assert [asked_for(woo, who) for who in (ana, bea, cleo)] == [["success"], [], ["account"]]
    assert email.to(ana) == [], "nobody is asked while a ticket may be open"
    assert email.subjects(cleo) == ["È tutto come speravi?"]

    woo.closes_tasks()
    clock.advance(hours=26)

    assert email.subjects(ana) == ["È tutto a posto adesso?"]
    email.answer(email.to(ana)[0], 9)
    assert woo.journey(ana, "tickets-up").end_reason == "goal_reached"
    assert woo.customer(ana).score == 9


@pytest.mark.requirement(74)
def test_who_is_still_in_trouble_is_never_asked_how_it_went(
    woo: WooStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    ana, bea = (woo.signs_up(someone(name, agrees=("email",))) for name in ("ana", "bea"))
    clock.advance(hours=3)
    woo.runs("tickets-up")
    for who in (ana, bea):
        tells(woo, who, "ticket_opened", times=2)
    clock.advance(hours=3)

    tells(woo, bea, "complaint_made")
    woo.closes_tasks(bea)
    clock.advance(days=22)

    assert email.to(ana) == [], "her task stays open"
    assert email.to(bea) == [], "it got worse"
    ended = [woo.journey(who, "tickets-up").end_reason for who in (ana, bea)]
    assert ended == ["completed", "exit_condition"]


@pytest.mark.requirement(75, 78)
def test_who_uses_less_is_helped_three_times_or_until_they_use_it_again(
    woo: WooStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    ana, bea, cleo = (
        woo.signs_up(someone(name, agrees=("email",))) for name in ("ana", "bea", "cleo")
    )
    clock.advance(hours=3)
    woo.runs("use-down")
    for who in (ana, bea, cleo):
        tells(woo, who, "feature_used", times=6, ago=timedelta(days=35))
    tells(woo, cleo, "ticket_opened", times=2)
    clock.advance(days=3)

    first = "Riprendi da dove eri"
    assert [email.subjects(who) for who in (ana, bea, cleo)] == [[first], [first], []]

    tells(woo, bea, "feature_used", times=3)
    clock.advance(days=18)

    assert email.subjects(ana)[1:] == [
        "Una cosa che non hai ancora provato",
        "Ci diamo un'occhiata insieme?",
    ]
    assert len(email.to(bea)) == 1
    assert [woo.journey(who).end_reason for who in (ana, bea)] == ["unresponsive", "active_again"]
    assert woo.tasks(ana) == []
