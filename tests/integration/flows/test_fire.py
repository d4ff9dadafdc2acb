"""What changes set off: who gets in, who is refused and why, who leaves at once."""

from typing import Any

import pytest

from app.customers.changes import ChangeKind
from tests.integration.flows.conftest import Counted, Shop

SEND = "  - send: {channel: email, message: hello}"
WAIT = "  - wait: {for: 1 day}\n" + SEND
CART_STEPS = "  - wait: {for: 1 day}\n  - send: {channel: email, message: hello, deadline: 1 day}"
CART: Any = {
    "purpose": "cart",
    "trigger": "{event: cart_abandoned}",
    "goal": "{event: order_placed}",
}


def test_an_act_lets_a_person_in_once_however_often_it_is_told(shop: Shop) -> None:
    shop.has_flow(SEND)
    seen = shop.act(shop.customer())

    shop.fire(seen)
    shop.fire(seen)

    (journey,) = shop.journeys()
    assert (journey.step, journey.due_at, journey.arm) == ("1", shop.clock(), "treated")
    assert shop.reasons() == ["entered"]


def test_what_a_backfill_tells_begins_nothing(shop: Shop) -> None:
    shop.has_flow(SEND, trigger="{event: customer_created}")

    shop.fire(shop.change(ChangeKind.CUSTOMER_CREATED, shop.customer(), live=False))

    assert shop.journeys() == []
    assert shop.reasons() == []


def test_an_event_that_comes_hours_too_late_is_refused_on_record(shop: Shop) -> None:
    shop.has_flow(SEND, fresh_for="4 hours")
    seen = shop.act(shop.customer())
    shop.clock.advance(hours=5)

    shop.fire(seen)

    assert shop.journeys() == []
    assert shop.reasons() == ["too_late_to_enter"]


def test_a_filter_refuses_with_the_values_it_compared(shop: Shop) -> None:
    shop.has_flow(SEND, filter="{customer.orders_count: {at_least: 3}}")

    shop.fire(shop.act(shop.customer(orders_count=2)))

    assert shop.decision("filter_not_met") == {"customer.orders_count at_least 3": 2}


def test_an_act_of_another_kind_is_no_act_for_the_flow(shop: Shop) -> None:
    trigger = "{event: score_given, where: {journey.score: {at_least: 9}}}"
    shop.has_flow(SEND, trigger=trigger)
    ana, bea = shop.customer("ana"), shop.customer("bea")

    shop.fire(
        shop.act(ana, "score_given", "s-1", score=10), shop.act(bea, "score_given", "s-2", score=4)
    )

    (journey,) = shop.journeys()
    assert (journey.customer_id, journey.context["score"]) == (ana, 10)
    assert shop.reasons() == ["entered"]


def test_nobody_is_inside_a_flow_twice_at_a_time(shop: Shop) -> None:
    shop.has_flow(WAIT)
    ana = shop.customer()

    shop.fire(shop.act(ana, key="e-1"), shop.act(ana, key="e-2"))

    assert len(shop.journeys()) == 1
    assert shop.reasons() == ["entered", "already_inside"]


def test_a_person_comes_again_only_after_the_time_the_file_says(shop: Shop) -> None:
    shop.has_flow(SEND, reentry="{after: 7 days}")
    ana = shop.customer()
    shop.fire(shop.act(ana, key="e-1"))
    shop.advance()

    shop.clock.advance(days=6)
    shop.fire(shop.act(ana, key="e-2"))
    shop.clock.advance(days=1)
    shop.fire(shop.act(ana, key="e-3"))

    assert [journey.entry_key for journey in shop.journeys()] == ["e-1", "e-3"]
    assert "possible_at" in shop.decision("reentry_too_soon")


@pytest.mark.requirement(43)
def test_a_rest_keeps_a_person_out_for_as_long_as_it_says(shop: Shop) -> None:
    shop.has_flow("  - exit: {reason: resting, rest: 30 days}")
    ana = shop.customer()
    shop.fire(shop.act(ana, key="e-1"))
    shop.advance()

    shop.clock.advance(days=29)
    shop.fire(shop.act(ana, key="e-2"))
    shop.clock.advance(days=1)
    shop.fire(shop.act(ana, key="e-3"))

    assert [journey.entry_key for journey in shop.journeys()] == ["e-1", "e-3"]


def test_a_paused_flow_refuses_on_record_and_a_draft_says_nothing(shop: Shop) -> None:
    shop.has_flow(SEND, slug="draft", live=False)
    shop.has_flow(SEND, slug="paused")
    shop.pause("paused")

    shop.fire(shop.act(shop.customer()))

    assert shop.journeys() == []
    assert shop.reasons() == ["flow_paused"]


@pytest.mark.requirement(72)
def test_an_order_ends_the_cart_journey_with_everything_it_had_planned(shop: Shop) -> None:
    shop.has_flow(
        "  - send: {channel: email, message: hello, deadline: 3 days}\n" + CART_STEPS, **CART
    )
    ana = shop.customer()
    shop.clock.advance(hours=11)  # Nine in the evening in Rome: the mail is planned for ten.
    shop.fire(shop.change(ChangeKind.CART_ABANDONED, ana, cart_id=shop.cart(ana)))
    shop.advance()
    (planned,) = shop.messages(status="planned")

    shop.fire(shop.order(ana))

    (journey,) = shop.journeys()
    assert (journey.status, journey.end_reason) == ("exited", "goal_reached")
    assert journey.converted_at == shop.clock()
    assert [(m.message_id, m.status, m.reason) for m in shop.messages()] == [
        (planned.message_id, "held", "goal_reached")
    ]


def test_an_order_takes_back_the_code_that_was_not_sent(shop: Shop) -> None:
    steps = "  - offer: {name: gift, percent: 10, expires: {after: 4 days}}\n" + CART_STEPS
    shop.has_flow(steps, **CART)
    ana = shop.customer()
    shop.fire(shop.change(ChangeKind.CART_ABANDONED, ana, cart_id=shop.cart(ana)))
    shop.advance()
    assert [offer.status for offer in shop.offers()] == ["wanted"]

    shop.fire(shop.order(ana))

    assert [offer.status for offer in shop.offers()] == ["revoked"]


@pytest.mark.requirement(44, 47)
def test_an_order_ends_the_welcome_and_begins_the_thanks_in_one_go(shop: Shop) -> None:
    shop.has_flow(WAIT, slug="welcome", purpose="welcome", trigger="{event: customer_created}")
    shop.has_flow(WAIT, slug="thanks", purpose="post_sale", trigger="{event: order_placed}")
    ana = shop.customer()
    shop.fire(shop.change(ChangeKind.CUSTOMER_CREATED, ana))
    shop.clock.advance(hours=1)

    shop.fire(shop.order(ana, "o-1"))

    welcome, thanks = shop.journeys()
    assert (welcome.status, welcome.end_reason) == ("exited", "already_ordered")
    assert (thanks.status, thanks.context["order_key"]) == ("active", "o-1")


def test_an_order_that_nobody_saw_live_still_ends_the_reminder(shop: Shop) -> None:
    shop.has_flow(CART_STEPS, **CART)
    ana = shop.customer()
    shop.fire(shop.change(ChangeKind.CART_ABANDONED, ana, cart_id=shop.cart(ana)))

    order = shop.order(ana)
    shop.fire(shop.change(order.kind, ana, live=False, **dict(order.values)))

    assert [journey.status for journey in shop.journeys()] == ["exited"]


def test_a_goal_reached_after_the_last_step_still_counts_in_both_arms(shop: Shop) -> None:
    shop.has_flow(SEND, goal="{event: order_placed}", holdout="50%")
    people = [shop.customer(f"p{n}") for n in range(24)]
    shop.fire(*(shop.act(person, key=f"e-{n}") for n, person in enumerate(people)))
    shop.advance()
    shop.clock.advance(days=2)

    shop.fire(*(shop.order(person, f"o-{n}") for n, person in enumerate(people)))

    assert {journey.arm for journey in shop.journeys()} == {"treated", "holdout"}
    assert all(journey.converted_at == shop.clock() for journey in shop.journeys())


def test_the_holdout_is_inside_and_never_written_to(shop: Shop) -> None:
    shop.has_flow(SEND, holdout="50%")
    people = [shop.customer(f"p{n}") for n in range(24)]

    shop.fire(*(shop.act(person, key=f"e-{n}") for n, person in enumerate(people)))
    shop.advance()

    held_out = {j.customer_id for j in shop.journeys(arm="holdout")}
    assert held_out
    assert {m.customer_id for m in shop.messages()} == set(people) - held_out


def test_a_person_stays_in_their_arm_when_the_share_changes(shop: Shop) -> None:
    shop.has_flow(SEND, holdout="50%")
    people = [shop.customer(f"p{n}") for n in range(24)]
    shop.fire(*(shop.act(person, key=f"e-{n}") for n, person in enumerate(people)))
    shop.advance()
    before = {j.customer_id: j.arm for j in shop.journeys()}

    shop.has_flow(SEND, holdout="0%")
    shop.clock.advance(days=1)
    shop.fire(*(shop.act(person, key=f"f-{n}") for n, person in enumerate(people)))

    again = {j.customer_id: j.arm for j in shop.journeys(status="active")}
    assert again == before


CLICK = """\
  - wait:
      event: link_clicked
      timeout: 3 days
      then: [{tag: {add: clicked}}]
      otherwise: [{tag: {add: silent}}]"""


def test_an_awaited_act_wakes_the_journey_at_once(shop: Shop) -> None:
    shop.has_flow(CLICK)
    ana = shop.customer()
    shop.fire(shop.act(ana))
    shop.advance()
    shop.clock.advance(hours=5)

    shop.fire(shop.act(ana, "link_clicked", "c-1"))
    shop.advance()

    assert [call.details["tag"] for call in shop.calls()] == ["clicked"]


def test_a_wait_can_ask_for_the_values_of_the_act(shop: Shop) -> None:
    asked = "event: score_given\n      where: {journey.score: {at_least: 9}}"
    shop.has_flow(CLICK.replace("event: link_clicked", asked))
    ana = shop.customer()
    shop.fire(shop.act(ana))
    shop.advance()
    shop.clock.advance(hours=1)

    shop.fire(shop.act(ana, "score_given", "s-1", score=3))
    assert shop.advance() == 0
    shop.fire(shop.act(ana, "score_given", "s-2", score=9))
    shop.advance()

    assert [call.details["tag"] for call in shop.calls()] == ["clicked"]


def test_an_exit_can_ask_for_the_values_of_the_act(shop: Shop) -> None:
    rule = "[{event: score_given, where: {journey.score: {at_most: 5}}}]"
    shop.has_flow(WAIT, exits=rule)
    ana = shop.customer()
    shop.fire(shop.act(ana))
    shop.clock.advance(hours=1)

    shop.fire(shop.act(ana, "score_given", "s-1", score=7))
    assert [j.status for j in shop.journeys()] == ["active"]
    shop.fire(shop.act(ana, "score_given", "s-2", score=4))

    assert [(j.status, j.end_reason) for j in shop.journeys()] == [("exited", "exit_event")]


def test_an_opt_out_ends_a_flow_that_says_so(shop: Shop) -> None:
    shop.has_flow(WAIT, exits="[{event: unsubscribed}]")
    ana = shop.customer()
    shop.fire(shop.act(ana))
    shop.clock.advance(hours=1)

    shop.opts_out(ana)
    shop.fire(shop.change(ChangeKind.CONSENT_CHANGED, ana, channel="email", state="unsubscribed"))

    assert [j.end_reason for j in shop.journeys()] == ["exit_event"]


def test_one_person_of_two_rows_goes_on_once(shop: Shop) -> None:
    shop.has_flow(WAIT)
    ana, also_ana = shop.customer("ana"), shop.customer("a.n.a")
    shop.fire(shop.act(ana, key="e-1"))
    shop.clock.advance(minutes=1)
    shop.fire(shop.act(also_ana, key="e-2"))

    shop.becomes(also_ana, ana)
    shop.fire(shop.change(ChangeKind.MERGED, ana, gone_id=also_ana))

    assert [(j.entry_key, j.status) for j in shop.journeys()] == [
        ("e-1", "active"),
        ("e-2", "exited"),
    ]
    assert shop.journeys()[1].end_reason == "merged_away"


def test_the_flows_of_another_shop_do_not_stir(shop: Shop, make_store: object) -> None:
    other = shop.beside(make_store())  # type: ignore[operator]
    other.has_flow(SEND)

    shop.fire(shop.act(shop.customer()))

    assert other.journeys() == shop.journeys() == []


def test_ten_times_the_changes_take_the_same_statements(shop: Shop, statements: Counted) -> None:
    shop.has_flow(WAIT, slug="pages", filter="{customer.orders_count: {at_most: 9}}")
    shop.has_flow(WAIT, slug="thanks", trigger="{event: order_placed}", purpose="post_sale")
    shop.has_flow(WAIT, slug="welcome", purpose="welcome", goal="{event: order_placed}")
    few = [shop.customer(f"few{n}") for n in range(4)]
    many = [shop.customer(f"many{n}") for n in range(40)]
    shop.fire(*(shop.act(person, key=f"a{person}") for person in few + many))
    shop.clock.advance(hours=1)
    few_orders = [shop.order(person, f"o{person}") for person in few]
    many_orders = [shop.order(person, f"o{person}") for person in many]

    small = statements(lambda: shop.fire(*few_orders))
    large = statements(lambda: shop.fire(*many_orders))

    assert large == small
    assert large <= 30
    assert len(shop.journeys(status="exited")) == 44


def test_ending_people_and_stores_leaves_nothing_behind(shop: Shop) -> None:
    shop.has_flow(WAIT)
    ana, bea = shop.customer("ana"), shop.customer("bea")
    shop.fire(shop.act(ana, key="e-1"), shop.act(bea, key="e-2"))

    shop.ends_for(ana)
    assert [j.end_reason for j in shop.journeys()] == ["person_erased", None]
    shop.ends_all()

    assert [j.end_reason for j in shop.journeys()] == ["person_erased", "store_gone"]
    shop.clock.advance(days=9)
    assert shop.advance() == 0
