"""Due steps: claimed once, decided, arranged, written, whatever else goes on at the time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.models import Decision, Notice
from app.tenancy import store_transaction
from tests.integration.flows.conftest import Counted, Shop

SEND = "  - send: {channel: email, message: hello}"
DAY = timedelta(days=1)


def test_a_due_send_becomes_one_planned_message_with_its_reason(shop: Shop) -> None:
    shop.has_flow(SEND)
    shop.fire(shop.act(shop.customer(), color="red"))

    assert shop.advance() == 1
    assert shop.advance() == 0

    (message,) = shop.messages()
    assert (message.status, message.channel, message.name) == ("planned", "email", "hello")
    assert (message.due_at, message.deadline_at) == (shop.clock(), shop.clock() + 3 * DAY)
    assert message.context == {"event": "page_viewed", "color": "red"}
    assert shop.reasons() == ["entered", "planned", "completed"]
    assert [(j.status, j.step, j.due_at) for j in shop.journeys()] == [("completed", None, None)]


def test_a_message_of_a_journey_that_ran_its_course_still_goes(shop: Shop) -> None:
    shop.has_flow(SEND)
    shop.clock.travel(datetime(2026, 3, 2, 21, 0, tzinfo=UTC))
    shop.fire(shop.act(shop.customer()))

    shop.advance()

    assert [m.status for m in shop.messages()] == ["planned"]
    assert shop.messages()[0].due_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    assert "until" in shop.decision("quiet_hours")


def test_a_sequence_is_sent_on_its_days(shop: Shop) -> None:
    shop.has_flow(
        f"{SEND}\n  - wait: {{for: 3 days, since: entry}}\n"
        "  - send: {channel: email, message: again}"
    )
    entered = shop.clock()
    shop.fire(shop.act(shop.customer()))

    shop.advance()
    assert shop.advance_at(entered + 3 * DAY - timedelta(minutes=1)) == 0
    assert shop.advance_at(entered + 3 * DAY) == 1

    assert [m.name for m in shop.messages()] == ["hello", "again"]


@pytest.mark.requirement(44, 47)
def test_two_flows_that_want_the_same_evening_write_on_two_days(shop: Shop) -> None:
    shop.has_flow(SEND, slug="low", priority="20", trigger="{event: page_viewed}")
    shop.has_flow(SEND, slug="high", priority="80", trigger="{event: page_viewed}")
    now = shop.clock()
    shop.fire(shop.act(shop.customer()))

    shop.advance()

    by_flow = {m.flow_id: m.due_at for m in shop.messages()}
    low, high = (shop.flow_id("low"), shop.flow_id("high"))
    assert (by_flow[high], by_flow[low]) == (now, now + DAY)
    assert shop.decision("another_flow_first")["flow"] == "high"


def test_a_planned_message_gives_way_to_a_more_important_one(shop: Shop) -> None:
    shop.has_flow(SEND, slug="low", priority="20")
    shop.has_flow(SEND, slug="high", priority="80", trigger="{event: score_given}")
    ana = shop.customer()
    shop.clock.travel(datetime(2026, 3, 2, 21, 0, tzinfo=UTC))  # Too late today.
    shop.fire(shop.act(ana))
    shop.advance()
    shop.fire(shop.act(ana, "score_given", "s-1", score=9))
    shop.advance()

    high, low = sorted(shop.messages(), key=lambda message: message.due_at)
    assert high.due_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    assert (low.due_at, low.moved) == (high.due_at + DAY, 1)
    assert shop.reasons(message_id=low.message_id)[-1] == "another_flow_first"


def test_a_message_without_room_is_given_up_on_record(shop: Shop) -> None:
    shop.has_flow(SEND, slug="high", priority="80")
    shop.has_flow(SEND.replace("hello}", "hello, deadline: 6 hours}"), slug="low", priority="20")
    shop.fire(shop.act(shop.customer()))

    shop.advance()

    assert len(shop.messages()) == 1
    assert shop.decision("deadline_passed")["moved_for"] == "another_flow_first"


@pytest.mark.requirement(68)
def test_a_task_a_notice_a_tag_and_a_call_are_left_for_their_workers(shop: Shop) -> None:
    shop.has_flow(
        "  - task: {title: {en: Call}, script: {en: Listen}, owner: support,"
        " holds_promotions: true}\n"
        "  - notify: {text: {en: A low score}}\n"
        "  - tag: {add: unhappy}\n"
        "  - webhook: {url: https://hooks.example/x}"
    )
    shop.fire(shop.act(shop.customer()))

    shop.advance()

    assert [(t.title, t.owner, t.holds_promotions) for t in shop.tasks()] == [
        ("Call", "support", True)
    ]
    assert [n.title for n in shop.all(Notice)] == ["A low score"]
    assert sorted(call.kind for call in shop.calls()) == ["tag", "webhook"]


def test_a_message_waits_for_its_code_and_goes_when_the_shop_has_it(shop: Shop) -> None:
    shop.has_flow(
        "  - offer: {name: gift, percent: 10, expires: {after: 10 days}}\n"
        "  - send: {channel: email, message: hello, offer: gift, deadline: 1 day}"
    )
    shop.fire(shop.act(shop.customer()))
    shop.advance()
    assert shop.messages() == []

    shop.mints_codes()
    shop.clock.advance(minutes=1)
    shop.advance()

    assert [m.context["offer"] for m in shop.messages()] == ["gift"]
    assert shop.reasons() == ["entered", "offer_made", "waiting_for_offer", "planned", "completed"]


def test_a_flow_edited_while_people_are_inside_keeps_them_on_their_version(shop: Shop) -> None:
    wait = "  - wait: {for: 1 day}\n"
    shop.has_flow(wait + SEND)
    ana, bea = shop.customer("ana"), shop.customer("bea")
    shop.fire(shop.act(ana, key="e-1"))
    shop.has_flow(wait + "  - send: {channel: email, message: again}")
    shop.fire(shop.act(bea, key="e-2"))

    shop.advance_at(shop.clock() + DAY)

    assert {m.customer_id: (m.name, m.version) for m in shop.messages()} == {
        ana: ("hello", 1),
        bea: ("again", 2),
    }


def test_a_paused_flow_stands_still_and_goes_on_later(shop: Shop) -> None:
    shop.has_flow("  - wait: {for: 1 hour}\n" + SEND)
    shop.fire(shop.act(shop.customer()))
    shop.pause("test-flow")
    shop.clock.advance(hours=2)
    assert shop.advance() == 0

    shop.activates("test-flow")
    shop.advance()

    assert len(shop.messages()) == 1


def test_two_workers_at_once_write_to_nobody_twice(shop: Shop) -> None:
    shop.has_flow(SEND, slug="one")
    shop.has_flow(SEND, slug="two")
    people = [shop.customer(f"p{n}") for n in range(30)]
    shop.fire(*(shop.act(person, key=f"e{n}") for n, person in enumerate(people)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: [shop.advance(7) for _ in range(6)], range(4)))
    while shop.advance():
        pass
    shop.clock.advance(seconds=10)  # Whoever found a person locked looks again a little later.
    while shop.advance():
        pass

    messages = shop.messages()
    assert len({(m.journey_id, m.step) for m in messages}) == len(messages) == 60
    for person in people:
        first, second = sorted(m.due_at for m in messages if m.customer_id == person)
        assert second - first >= DAY - timedelta(seconds=10)


def test_a_worker_that_died_loses_its_claim_and_nothing_else(shop: Shop) -> None:
    shop.has_flow(SEND)
    shop.fire(shop.act(shop.customer()))
    shop.leases_all(until=shop.clock() + timedelta(minutes=5))
    assert shop.advance() == 0

    shop.clock.advance(minutes=5)
    shop.advance()

    assert len(shop.messages()) == 1


def test_one_broken_journey_does_not_hold_up_the_others(shop: Shop) -> None:
    shop.has_flow("  - wait: {for: 1 hour}\n" + SEND, purpose="welcome")
    people = [shop.customer(f"p{n}") for n in range(3)]
    shop.fire(*(shop.act(person, key=f"e{n}") for n, person in enumerate(people)))
    broken = shop.journeys()[1].journey_id
    shop.breaks(broken)
    shop.clock.advance(hours=1)

    shop.advance()

    assert len(shop.messages()) == 2
    (parked,) = shop.journeys(status="active")
    assert (parked.journey_id, parked.due_at) == (broken, shop.clock() + timedelta(hours=1))


def test_a_broken_journey_says_so_on_record_once(shop: Shop) -> None:
    shop.has_flow("  - wait: {for: 1 hour}\n" + SEND, purpose="welcome")
    shop.fire(shop.act(shop.customer()))
    shop.breaks(shop.journeys()[0].journey_id)

    for _ in range(3):
        shop.clock.advance(hours=1)
        shop.advance()

    assert shop.reasons(reason="our_defect") == ["our_defect"]
    assert shop.decision("our_defect")["error"] == "ValueError"


def test_an_order_that_comes_while_steps_are_due_wins(shop: Shop) -> None:
    shop.has_flow(SEND, goal="{event: order_placed}")
    ana = shop.customer()
    shop.fire(shop.act(ana))
    shop.clock.advance(minutes=1)

    order = shop.order(ana)
    shop.advance()  # The order is in the books, though nobody has fired it yet.
    shop.fire(order)

    assert shop.messages() == []
    assert [j.end_reason for j in shop.journeys()] == ["goal_reached"]


@pytest.mark.requirement(18)
def test_the_record_of_a_step_holds_the_values_and_cannot_be_rewritten(shop: Shop) -> None:
    shop.has_flow(SEND)
    shop.fire(shop.act(shop.customer()))
    shop.advance()

    assert shop.decision("planned")["channel"] == "email"
    with (
        pytest.raises(Exception, match="append-only"),
        store_transaction(shop.store_id) as session,
    ):
        session.execute(text("UPDATE decisions SET reason = 'sent'"))
    assert len(shop.all(Decision)) == 3


def test_waits_take_the_same_statements_for_any_number_of_people(
    shop: Shop, statements: Counted
) -> None:
    shop.has_flow("  - wait: {for: 1 hour}\n  - wait: {for: 1 hour}\n" + SEND)
    few = [shop.customer(f"few{n}") for n in range(4)]
    many = [shop.customer(f"many{n}") for n in range(40)]
    shop.fire(*(shop.act(person, key=f"e{person}") for person in few))
    small = statements(shop.advance)
    shop.fire(*(shop.act(person, key=f"e{person}") for person in many))

    large = statements(shop.advance)

    assert large == small <= 30
