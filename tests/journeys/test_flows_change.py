"""Flows that are edited, paused, and that want the same person's evening."""

import pytest

from tests.journeys.files import MAILS, flow
from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import someone
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock

ONE_MAIL = """  - id: only
    send: {channel: email, message: hello, deadline: 2 days}"""


@pytest.mark.requirement(117)
def test_who_is_inside_when_a_flow_is_edited_stays_on_what_they_entered(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs_file(MAILS)
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    clock.advance(hours=1)

    shop.runs_file(MAILS.replace('subject: "Hello again"', 'subject: "A better word"'))
    bea = shop.signs_up(someone("bea", agrees=("email",)))
    clock.advance(days=1, hours=2)

    assert email.subjects(ana) == ["Hello", "Hello again"]
    assert email.subjects(bea) == ["Hello", "A better word"]
    assert (shop.journey(ana).version, shop.journey(bea).version) == (1, 2)


def test_of_two_flows_that_want_one_evening_the_lesser_waits_and_is_not_lost(
    shop: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shop.runs_file(flow(ONE_MAIL, slug="lesser", priority="20"))
    shop.runs_file(flow(ONE_MAIL, slug="greater", priority="90"))

    ana = shop.signs_up(someone("ana", agrees=("email",)))
    clock.advance(hours=30)

    first, second = email.to(ana)
    assert (second.at - first.at).total_seconds() >= 24 * 3600
    assert shop.why(ana, "greater")[-1] == "sent" or "sent" in shop.why(ana, "greater")
    assert {"another_flow_first", "sent"} <= set(shop.why(ana, "lesser"))
