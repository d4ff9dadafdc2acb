"""The decision, one rule a test: facts in, effects and reasons out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.flows import effects as e
from app.reasons import Reason
from tests.unit.flows.making import (
    CART,
    NOW,
    cart,
    flow,
    look,
    order,
    person,
    reasons,
    sends,
)

SEND = "  - send: {channel: email, message: hello}"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def moved(verdict: e.Verdict) -> e.MoveTo:
    assert isinstance(verdict.next, e.MoveTo)
    return verdict.next


def ended(verdict: e.Verdict) -> e.End:
    assert isinstance(verdict.next, e.End)
    return verdict.next


def test_a_send_that_is_due_is_asked_for_and_the_journey_ends() -> None:
    verdict = look(flow(SEND))

    assert [send.message for send in sends(verdict)] == ["hello"]
    assert ended(verdict).reason is Reason.COMPLETED


def test_a_wait_is_left_only_when_its_time_has_come() -> None:
    waiting = flow("  - wait: {for: 3 days}\n" + SEND)

    assert moved(look(waiting)).due_at == NOW + 3 * DAY
    assert sends(look(waiting, at=NOW + 3 * DAY))


def test_a_wait_since_entry_does_not_drift_with_what_came_before() -> None:
    verdict = look(
        flow("  - wait: {for: 3 days, since: entry}"), entered_at=NOW - DAY, step_since=NOW
    )

    assert moved(verdict).due_at == NOW + 2 * DAY


def test_a_late_look_counts_the_next_step_from_when_it_was_due() -> None:
    waits = flow("  - wait: {for: 1 day}\n  - wait: {for: 1 day}\n" + SEND)

    assert moved(look(waits, at=NOW + DAY + HOUR)).due_at == NOW + 2 * DAY


def test_a_wait_until_ten_is_ten_where_the_person_lives() -> None:
    verdict = look(flow('  - wait: {until: "10:30"}'))  # It is ten in Rome.

    assert moved(verdict).due_at == NOW + timedelta(minutes=30)


def test_a_wait_until_ten_holds_across_the_clock_change() -> None:
    saturday = datetime.fromisoformat("2026-03-28T12:00:00+00:00")

    verdict = look(flow('  - wait: {until: "10:00"}'), at=saturday, step_since=saturday)

    assert moved(verdict).due_at.isoformat() == "2026-03-29T08:00:00+00:00"


CLICK = """\
  - wait:
      event: link_clicked
      timeout: 3 days
      then: [{tag: {add: clicked}}]
      otherwise: [{tag: {add: silent}}]"""


def tags(verdict: e.Verdict) -> list[str]:
    return [effect.tag for effect in verdict.effects if isinstance(effect, e.Tag)]


def test_an_awaited_click_goes_one_way_and_silence_the_other() -> None:
    clicked = person(events={"link_clicked": (NOW + HOUR,)})

    assert moved(look(flow(CLICK))).due_at == NOW + 3 * DAY
    assert tags(look(flow(CLICK), who=clicked, at=NOW + 2 * HOUR)) == ["clicked"]
    assert tags(look(flow(CLICK), at=NOW + 3 * DAY)) == ["silent"]


def test_a_click_after_the_time_was_up_does_not_count() -> None:
    late = person(events={"link_clicked": (NOW + 4 * DAY,)})

    assert tags(look(flow(CLICK), who=late, at=NOW + 5 * DAY)) == ["silent"]


def test_a_click_from_before_the_wait_does_not_count_unless_since_entry() -> None:
    before = person(events={"link_clicked": (NOW - HOUR,)})
    since_entry = CLICK.replace("timeout: 3 days", "timeout: 3 days\n      since: entry")

    assert moved(look(flow(CLICK), who=before))
    assert tags(look(flow(since_entry), who=before, entered_at=NOW - 2 * HOUR)) == ["clicked"]


def test_a_branch_takes_the_first_way_that_holds_and_records_the_values() -> None:
    branch = flow(
        "  - branch:\n"
        "      - when: {customer.orders_count: {at_least: 3}}\n"
        "        steps: [{tag: {add: loyal}}]\n"
        "      - steps: [{tag: {add: other}}]"
    )

    verdict = look(branch, who=person(orders_count=2))

    assert tags(verdict) == ["other"]
    assert verdict.records[0].compared == {"customer.orders_count at_least 3": 2, "way": 2}
    assert tags(look(branch, who=person(orders_count=3))) == ["loyal"]


def test_a_split_gives_a_person_the_same_variant_every_time() -> None:
    split = flow(
        "  - split:\n"
        "      - {name: a, share: 50, steps: [{tag: {add: a}}]}\n"
        "      - {name: b, share: 50, steps: [{tag: {add: b}}]}"
    )

    first, second = look(split), look(split, at=NOW + DAY)

    assert tags(first) == tags(second)
    assert first.context["splits"] == {"1": tags(first)[0]}


@pytest.mark.requirement(72)
def test_a_purchase_ends_the_journey_before_its_next_message() -> None:
    verdict = look(
        flow(SEND, more="goal: {event: order_placed}"), who=person(orders=(order(NOW + HOUR),))
    )

    assert not verdict.effects
    assert ended(verdict) == e.End(reason=Reason.GOAL_REACHED, left=True, converted_at=NOW + HOUR)


def test_a_purchase_ends_a_welcome_without_being_told_to() -> None:
    verdict = look(flow(SEND, purpose="welcome"), who=person(orders=(order(NOW + HOUR),)))

    assert ended(verdict).reason is Reason.ALREADY_ORDERED


def test_a_person_made_known_by_an_order_gets_no_welcome() -> None:
    verdict = look(
        flow(SEND, purpose="welcome"),
        who=person(orders=(order(NOW - timedelta(minutes=2)),)),
        context={"began_at": (NOW - timedelta(minutes=3)).isoformat()},
    )

    assert ended(verdict).reason is Reason.ALREADY_ORDERED


def test_the_order_that_began_a_journey_does_not_end_it() -> None:
    verdict = look(
        flow(SEND, more="goal: {event: order_placed}"),
        who=person(orders=(order(NOW, order_key="o-9"),)),
        context={"order_key": "o-9"},
    )

    assert sends(verdict)


CART_SEND = "  - send: {channel: email, message: hello, deadline: 12 hours}"


def test_a_cart_that_is_gone_ends_its_journey() -> None:
    inside: dict[str, Any] = {"context": {"cart_id": str(CART)}}

    assert sends(look(flow(CART_SEND, purpose="cart"), who=person(carts=(cart(),)), **inside))
    assert ended(look(flow(CART_SEND, purpose="cart"), **inside)).reason is Reason.CART_GONE


def test_a_cart_bought_before_the_journey_began_says_so() -> None:
    inside: dict[str, Any] = {
        "context": {"cart_id": str(CART), "cart_started_at": (NOW - HOUR).isoformat()}
    }

    verdict = look(
        flow(CART_SEND, purpose="cart"),
        who=person(orders=(order(NOW - timedelta(minutes=5)),)),
        **inside,
    )

    assert ended(verdict).reason is Reason.ALREADY_ORDERED


@pytest.mark.requirement(43)
def test_nobody_who_does_not_answer_is_written_to_for_ever() -> None:
    rule = "exits:\n  - when: {since_entry.link_clicked: {is: false}}\n    reason: unresponsive\n"

    assert ended(look(flow(SEND, more=rule))).reason is Reason.UNRESPONSIVE


def test_an_unsubscribe_can_end_a_journey() -> None:
    left = person().consent["email"].__class__(state="unsubscribed", since=NOW + HOUR, source="x")

    verdict = look(
        flow(SEND, more="exits: [{event: unsubscribed}]"), who=person(consent={"email": left})
    )

    assert ended(verdict).reason is Reason.EXIT_EVENT


def test_an_erased_person_is_let_go() -> None:
    assert ended(look(flow(SEND), who=person(erased=True))).reason is Reason.PERSON_ERASED


def test_the_holdout_walks_the_same_way_and_gets_nothing() -> None:
    steps = flow(
        "  - wait: {for: 1 day}\n"
        "  - offer: {name: gift, percent: 10, expires: {after: 3 days}}\n"
        "  - send: {channel: email, message: hello, offer: gift, deadline: 1 day}\n"
        "  - wait: {for: 1 day}"
    )

    first = look(steps, arm=e.Arm.HOLDOUT)
    later = look(steps, arm=e.Arm.HOLDOUT, at=NOW + DAY)

    assert moved(first).due_at == moved(look(steps)).due_at
    assert not later.effects
    assert reasons(later) == ["holdout", "holdout", "waited"]
    assert moved(later).due_at == NOW + 2 * DAY


GIFT = (
    "  - offer: {name: gift, percent: 10, expires: {after: 10 days, since: entry}}\n"
    "  - send: {channel: email, message: hello, offer: gift, deadline: 1 day}"
)


def live(**values: object) -> dict[str, e.OfferState]:
    usual = {"status": "live", "expires_at": NOW + 10 * DAY}
    return {"gift": e.OfferState(**{**usual, **values})}  # type: ignore[arg-type]


def test_a_message_waits_for_its_code() -> None:
    verdict = look(flow(GIFT))

    assert [type(effect) for effect in verdict.effects] == [e.WantOffer]
    assert moved(verdict).step == "2"
    assert reasons(verdict) == ["offer_made", "waiting_for_offer"]


def test_a_message_goes_when_its_code_is_live() -> None:
    assert sends(look(flow(GIFT), step="2", offers=live()))[0].offer == "gift"


def test_waiting_for_the_same_thing_is_recorded_once() -> None:
    first = look(flow(GIFT))

    again = look(
        flow(GIFT),
        step="2",
        at=NOW + timedelta(minutes=1),
        offers=live(status="wanted"),
        context=first.context,
    )

    assert again.records == ()


@pytest.mark.requirement(43)
def test_the_last_day_of_a_code_is_its_message_s_deadline() -> None:
    verdict = look(flow(GIFT), step="2", offers=live(expires_at=NOW + HOUR))

    assert sends(verdict)[0].deadline_at == NOW + HOUR


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"status": "refused", "reason": "offer_budget_spent"}, "offer_budget_spent"),
        ({"status": "refused", "reason": "the shop says no"}, "offer_refused"),
        ({"status": "expired"}, "offer_expired"),
        ({"status": "used"}, "already_ordered"),
    ],
)
def test_a_message_without_its_code_is_not_sent(state: dict[str, str], reason: str) -> None:
    verdict = look(flow(GIFT), step="2", offers=live(**state))

    assert not verdict.effects
    assert reasons(verdict)[0] == reason


def test_a_code_in_another_currency_is_not_asked_for() -> None:
    verdict = look(flow(GIFT.replace("percent: 10", 'amount: "5.00 USD"')))

    assert not verdict.effects
    assert reasons(verdict)[:2] == ["offer_refused", "offer_refused"]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ({"email": None}, "no_address"),
        ({"suppressed": {"email": "bounced"}}, "suppressed"),
    ],
)
def test_a_message_that_could_never_go_is_refused_early(
    who: dict[str, object], reason: str
) -> None:
    assert reasons(look(flow(SEND), who=person(**who)))[0] == reason


def test_a_text_needs_consent_that_an_email_may_do_without() -> None:
    text = SEND.replace("email", "sms")

    assert reasons(look(flow(text), who=person(consent={})))[0] == "no_consent"
    assert sends(look(flow(SEND), who=person(consent={})))


@pytest.mark.requirement(64, 71)
def test_nothing_promotional_goes_while_a_task_is_open_and_nothing_is_lost() -> None:
    held = look(flow(SEND), who=person(holds_promotions=True))

    assert not held.effects
    assert reasons(held) == ["promotions_on_hold"]
    assert sends(look(flow(SEND), at=NOW + HOUR))


@pytest.mark.requirement(64)
def test_a_low_score_makes_a_task_with_its_script() -> None:
    task = (
        "  - task: {title: {en: Call}, script: {en: Ask and listen}, owner: support,"
        " due: 1 day, holds_promotions: true}"
    )

    made = look(flow(task)).effects[0]

    assert isinstance(made, e.MakeTask)
    assert (made.due_at, made.holds_promotions) == (NOW + DAY, True)


def test_a_message_found_too_late_is_given_up_with_its_deadline() -> None:
    verdict = look(flow(SEND.replace("hello}", "hello, deadline: 1 hour}")), at=NOW + 2 * HOUR)

    assert reasons(verdict)[0] == "deadline_passed"
    assert verdict.records[0].compared == {"deadline": (NOW + HOUR).isoformat()}


@pytest.mark.requirement(43)
def test_an_exit_can_ask_for_a_rest() -> None:
    verdict = look(flow("  - exit: {reason: resting, rest: 30 days}"))

    assert ended(verdict).reason is Reason.RESTING
    assert verdict.context["rest_until"] == (NOW + 30 * DAY).isoformat()
