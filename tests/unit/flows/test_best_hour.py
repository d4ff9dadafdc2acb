"""`wait: {until: best_time}`: the hour at which a person answers, one in ten times any hour."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.flows import effects as e
from app.flows.best_hour import choose_hour, own_answers
from app.flows.decide import decide
from app.flows.definition import WaitBest
from app.flows.place import FlowInvalid
from app.reasons import Reason
from tests.unit.flows.making import (
    NOW,
    flow,
    journey,
    order,
    person,
    reasons,
    sends,
    situation,
)

WAIT = "  - wait: {until: best_time, within: ['09:00', '20:00']}\n"
SEND = "  - send: {channel: email, message: hello}\n"
EVENING = tuple(500 if hour == 18 else 10 for hour in range(24))


def somebody(by: Reason, **values: Any) -> e.JourneyView:
    """A person whose draw for this step is of that kind."""
    definition = flow(WAIT + SEND)
    (node,) = [n for n in definition.nodes.values() if isinstance(n, WaitBest)]
    for number in range(1_000):
        inside = journey(definition, customer_id=UUID(int=number), **values)
        if choose_hour(node, inside, person(), situation(answers=EVENING))["by"] == by:
            return inside
    raise AssertionError(f"nobody's hour is a {by}")


def at_six(moment: datetime) -> bool:
    return moment.astimezone(ZoneInfo("Europe/Rome")).hour == 18


@pytest.mark.requirement(111)
def test_the_wait_ends_at_the_hour_of_most_answers_and_the_message_says_so() -> None:
    definition, inside = flow(WAIT + SEND), somebody(Reason.BEST_HOUR)
    there = situation(answers=EVENING)

    waiting = decide(definition, inside, person(), there, NOW)

    assert isinstance(waiting.next, e.MoveTo)
    assert at_six(waiting.next.due_at)
    assert reasons(waiting) == ["best_hour"]
    assert waiting.records[0].compared["hour"] == 18
    later = journey(definition, customer_id=inside.customer_id, context=waiting.context)
    going = decide(definition, later, person(), situation(), waiting.next.due_at)
    (send,) = sends(going)
    assert send.hour == {"step": "1", "hour": 18, "by": "best_hour"}
    assert send.due_at == waiting.next.due_at, "the hour stays although the store's have changed"


def test_one_in_ten_gets_any_of_the_hours_and_the_record_says_so() -> None:
    definition = flow(WAIT + SEND)
    (node,) = [n for n in definition.nodes.values() if isinstance(n, WaitBest)]

    chosen = [
        choose_hour(
            node, journey(definition, customer_id=UUID(int=n)), person(), situation(answers=EVENING)
        )
        for n in range(4_000)
    ]

    by = Counter(one["by"] for one in chosen)
    assert 340 < by["random_hour"] < 460
    assert {one["hour"] for one in chosen if one["by"] == "best_hour"} == {18}
    assert {one["hour"] for one in chosen if one["by"] == "random_hour"} == set(range(9, 20))
    assert reasons(
        decide(definition, somebody(Reason.RANDOM_HOUR), person(), situation(), NOW)
    ) == ["random_hour"]


def test_a_person_leans_the_hour_by_clicks_and_orders_where_they_live() -> None:
    even = tuple(10 for _ in range(24))
    ten_in_rome = [NOW - timedelta(days=7 * week) for week in range(8)]
    who = person(
        events={
            "link_clicked": tuple(ten_in_rome[:4]),
            "email_opened": (NOW - timedelta(hours=5),),
        },
        orders=tuple(order(at) for at in ten_in_rome[4:]),
    )

    assert own_answers(who, "Europe/Rome")[10] == 8
    assert sum(own_answers(who, "Europe/Rome")) == 8
    inside = somebody(Reason.BEST_HOUR)
    verdict = decide(flow(WAIT), inside, who, situation(answers=even), NOW - timedelta(hours=1))
    assert verdict.records[0].compared["hour"] == 10


def test_what_is_sent_after_another_wait_is_at_no_chosen_hour() -> None:
    definition = flow(WAIT + "  - wait: {for: 3 days}\n" + SEND)
    inside = somebody(Reason.BEST_HOUR)
    context = {"hour": {"step": "1", "hour": 18, "by": "best_hour"}}
    after = journey(
        definition, customer_id=inside.customer_id, step="2", step_since=NOW, context=context
    )

    (send,) = sends(decide(definition, after, person(), situation(), NOW + timedelta(days=3)))

    assert send.hour is None


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC)
)
zones = st.sampled_from(
    ["Europe/Rome", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"]
)


@given(moments, zones)
@example(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), "Europe/Rome")
@example(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "Europe/Rome")
def test_it_comes_within_a_day_and_inside_the_hours_across_every_clock_change(
    since: datetime, zone: str
) -> None:
    definition = flow(WAIT)
    verdict = decide(
        definition,
        journey(definition, step_since=since, entered_at=since),
        person(),
        situation(timezone=zone),
        since,
    )

    if isinstance(verdict.next, e.MoveTo):
        assert verdict.next.due_at <= since + timedelta(hours=25)
        assert 9 <= verdict.next.due_at.astimezone(ZoneInfo(zone)).hour < 20


@pytest.mark.parametrize(
    ("wait", "sentence"),
    [
        ("{until: best_time, within: ['20:00', '09:00']}", "at least two whole hours"),
        ("{until: best_time, within: ['09:30', '11:15']}", "at least two whole hours"),
        ("{until: best_time, within: ['09:00']}", "write two times"),
        ("{until: best_time, within: [9, 20]}", "a time of the day in quotes"),
        ("{until: '10:00', within: ['09:00', '20:00']}", "goes with `until: best_time`"),
        ("{until: best_hour}", "a time of the day in quotes"),
    ],
)
def test_a_window_that_leaves_nothing_to_choose_is_refused(wait: str, sentence: str) -> None:
    with pytest.raises(FlowInvalid, match=sentence):
        flow(f"  - wait: {wait}\n")


def test_without_a_window_it_is_the_day_from_nine_to_eight() -> None:
    (node,) = flow("  - wait: {until: best_time}\n").nodes.values()

    assert isinstance(node, WaitBest)
    assert node.hours == tuple(range(9, 20))
