"""Signs of leaving told in full: somebody of the shop answers, and a mail goes where it may."""

import json

import pytest

from app.inbox.receive import Kept, insert_webhooks
from app.platforms.acts import TOPIC
from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import Someone, someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock
from tests.journeys.woo_shop import WooStoryShop


def tells(shop: StoryShop, who: Someone, name: str) -> None:
    """The shop's own software says what somebody did, or what befell them."""
    at, key = shop.stage.clock().isoformat(), f"{name}-{who.email}"
    act = {"name": name, "id": key, "at": at, "person": {"email": who.email}}
    body = json.dumps({"acts": [act]}).encode()
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
