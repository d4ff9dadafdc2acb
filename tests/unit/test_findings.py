"""What is called wrong, of which colour, since when, at what cost; and that each has a way out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.inbox.clocks import ClockReading
from app.inbox.facts import Broken, Calls, Facts, Waiting
from app.inbox.findings import Code, Finding, find
from app.inbox.looks import Look
from app.inbox.pulse import Colour, Heard, Pulse, take_pulse
from app.inbox.readings import Reading
from app.platforms import Resource
from app.stores.heartbeat import begin, heard
from app.stores.notices import words
from tests.conftest import START

NOW = START
WELL = Facts(now=NOW)
HOUR = timedelta(hours=1)


def ago(**amount: float) -> Waiting:
    return Waiting(7, NOW - timedelta(**amount))


def only(facts: Facts) -> Finding:
    (found,) = find(facts)
    return found


def pulse(colour: Colour) -> Pulse:
    return Pulse(
        topic="orders/create",
        last_at=NOW - HOUR,
        amber_at=NOW,
        red_at=NOW,
        confirmed=False,
        colour=colour,
    )


SICK = {
    Code.SHOP_BROKEN: replace(WELL, broken=[Broken("shop", NOW - HOUR, "401")]),
    Code.SHOP_UNREACHABLE: replace(
        WELL, looks={"shop": Look(at=NOW, problem="no answer", failing_since=NOW - HOUR)}
    ),
    Code.TOPIC_SILENT: replace(WELL, pulses=[pulse(Colour.RED)]),
    Code.CHANGES_MISSED: replace(
        WELL,
        readings={
            Resource.ORDERS: Reading(
                since=NOW.isoformat(),
                missed=3,
                missed_from=(NOW - HOUR).isoformat(),
                missed_at=NOW.isoformat(),
            )
        },
    ),
    Code.WEBHOOKS_FAILED: replace(WELL, failed=ago(days=3)),
    Code.INBOX_LATE: replace(WELL, inbox=ago(minutes=10)),
    Code.STEPS_LATE: replace(WELL, steps=ago(minutes=30)),
    Code.CHANNEL_BROKEN: replace(
        WELL, broken=[Broken("twilio", NOW - HOUR, "20003")], waiting={"sms": 4, "email": 9}
    ),
    Code.CHANNEL_REFUSES: replace(
        WELL, looks={"twilio": Look(at=NOW, problem="no service", failing_since=NOW - HOUR)}
    ),
    Code.MESSAGES_LATE: replace(WELL, late={"sms": ago(minutes=20)}),
    Code.PROVIDER_FAILING: replace(WELL, calls=[Calls("sms", 20, 11, NOW - HOUR)]),
    Code.BALANCE_LOW: replace(WELL, looks={"twilio": Look(at=NOW, balance="3.20", currency="USD")}),
    Code.BALANCE_SPENT: replace(WELL, looks={"twilio": Look(at=NOW, balance="-0.10")}),
    Code.MAIL_SILENT: replace(WELL, silent_mail=["welcome"]),
    Code.HISTORY_STOPPED: replace(WELL, stopped=[("orders", "403")]),
    Code.LETTERS_FAILING: replace(
        WELL, letters=Broken("letters", NOW - HOUR, "the mail server answered 550")
    ),
    Code.SIDES_UNLIKE: replace(WELL, suspects=["welcome"]),
    Code.CLOCK_OFF: replace(WELL, clocks=[ClockReading("web-3", "worker 7", -75.0)]),
}


def test_a_store_without_trouble_has_no_finding() -> None:
    assert find(WELL) == []


@pytest.mark.parametrize("code", Code)
def test_every_code_is_found_from_its_facts_and_from_no_other(code: Code) -> None:
    assert only(SICK[code]).code is code


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", ["en", "it", "pt-BR", "es"])
def test_every_finding_has_a_sentence_and_a_way_out_in_every_language(
    code: Code, language: str
) -> None:
    found = only(SICK[code])
    told = {**found.values, "subject": found.subject}
    what = words(f"finding_{code}", told, language)
    todo = words(f"finding_{code}_do", told, language)

    assert len(what) > 10
    assert len(todo) > 10
    assert "{" not in what + todo


@pytest.mark.parametrize(
    ("facts", "colour"),
    [
        (replace(WELL, inbox=ago(minutes=4)), None),
        (replace(WELL, inbox=ago(minutes=31)), Colour.RED),
        (replace(WELL, steps=ago(minutes=9)), None),
        (replace(WELL, steps=ago(minutes=61)), Colour.RED),
        (replace(WELL, late={"email": ago(minutes=14)}), None),
        (replace(WELL, late={"email": ago(minutes=61)}), Colour.RED),
        (replace(WELL, calls=[Calls("sms", 9, 9, NOW)]), None),
        (replace(WELL, calls=[Calls("sms", 20, 3, NOW)]), None),
        (replace(WELL, calls=[Calls("sms", 20, 4, NOW)]), Colour.AMBER),
        (replace(WELL, calls=[Calls("sms", 20, 10, NOW)]), Colour.RED),
        (replace(WELL, looks={"twilio": Look(at=NOW, balance="10.0")}), None),
        (
            replace(WELL, looks={"twilio": Look(at=NOW, balance="10.0")}, low_balance=Decimal(50)),
            Colour.AMBER,
        ),
        (
            replace(WELL, looks={"twilio": Look(at=NOW, balance="0.1")}, low_balance=Decimal(0)),
            None,
        ),
        (
            replace(WELL, looks={"twilio": Look(at=NOW, balance="0")}, low_balance=Decimal(0)),
            Colour.RED,
        ),
        (replace(WELL, looks={"shop": Look(at=NOW)}), None),
        (replace(WELL, clocks=[ClockReading("here", "worker 7", 4.9)]), None),
        (replace(WELL, clocks=[ClockReading("here", "worker 7", -6.0)]), Colour.AMBER),
        (replace(WELL, clocks=[ClockReading("here", "ticker 8", 61.0)]), Colour.RED),
    ],
)
def test_a_short_delay_is_nothing_and_a_long_one_is_red(
    facts: Facts, colour: Colour | None
) -> None:
    assert [found.colour for found in find(facts)] == ([colour] if colour else [])


def test_our_own_delays_are_measured_by_the_machine_s_time_also_in_a_demo() -> None:
    late = replace(WELL, inbox=ago(hours=2), steps=ago(hours=2), late={"email": ago(hours=2)})

    assert len(find(late)) == 3
    assert find(replace(late, pace=60)) == []


def test_what_a_broken_channel_costs_is_what_waits_for_it() -> None:
    found = only(SICK[Code.CHANNEL_BROKEN])

    assert (found.subject, found.messages, found.since) == ("twilio", 4, NOW - HOUR)


def test_what_tells_no_time_itself_is_red_since_it_was_first_found() -> None:
    begun = {("mail_silent", ""): NOW - HOUR, ("inbox_late", ""): NOW}

    assert only(SICK[Code.MAIL_SILENT]).since is None
    assert only(replace(SICK[Code.MAIL_SILENT], begun=begun)).since == NOW - HOUR
    assert only(replace(SICK[Code.INBOX_LATE], begun=begun)).since == NOW - timedelta(minutes=10)
    assert only(SICK[Code.LETTERS_FAILING]).since == NOW - HOUR


def test_one_cause_is_told_once() -> None:
    broken = SICK[Code.CHANNEL_BROKEN]
    look = Look(at=NOW, problem="20003", failing_since=NOW, balance="0")
    facts = replace(broken, looks={"twilio": look}, late={"sms": ago(hours=3)})

    assert [found.code for found in find(facts)] == [Code.CHANNEL_BROKEN]


def test_the_worst_comes_first_and_of_that_the_oldest() -> None:
    facts = replace(WELL, failed=ago(days=9), inbox=ago(hours=2), steps=ago(hours=5))

    codes = [found.code for found in find(facts)]

    assert codes == [Code.STEPS_LATE, Code.INBOX_LATE, Code.WEBHOOKS_FAILED]


def busy(topic: str = "orders/create") -> Heard:
    """A topic heard in every hour of three weeks, until now."""
    begun = NOW - timedelta(weeks=3)
    rhythm = begin(begun)
    for hour in range(3 * 168 + 1):
        rhythm = heard(rhythm, begun + timedelta(hours=hour))
    return Heard(topic=topic, last_at=NOW, rhythm=rhythm)


@pytest.mark.parametrize(("hours", "colour"), [(1, "green"), (5, "amber"), (9, "red")])
def test_a_silent_topic_turns_amber_and_then_red(hours: int, colour: str) -> None:
    later = NOW + timedelta(hours=hours)

    assert take_pulse(busy(), {}, later, later).colour == colour


def test_a_shop_that_was_read_and_has_nothing_new_is_only_quiet() -> None:
    later = NOW + timedelta(hours=9)
    read = Reading(since=(later - HOUR).isoformat())
    missed = replace(read, missed=2, missed_at=later.isoformat())
    old = Reading(since=NOW.isoformat())

    def colour(topic: str, reading: Reading) -> str:
        return take_pulse(busy(topic), {Resource.ORDERS: reading}, later, later).colour

    assert colour("orders/create", read) == "green"
    assert colour("order.created", read) == "green"
    assert colour("carts/update", read) == "red"
    assert colour("orders/create", missed) == "red"
    assert colour("orders/create", old) == "red"


def test_what_still_waits_may_be_of_the_topic_that_seems_silent() -> None:
    later = NOW + timedelta(hours=9)

    assert take_pulse(busy(), {}, NOW + HOUR, later).colour == "green"


def test_of_each_machine_the_clock_that_is_the_most_wrong_is_told() -> None:
    clocks = [
        ClockReading("one", "worker 1", 7.0),
        ClockReading("one", "worker 2", -9.0),
        ClockReading("two", "worker 1", 8.0),
        ClockReading("three", "worker 1", 0.0),
    ]

    found = find(replace(WELL, clocks=clocks, pace=60))

    assert [(one.subject, one.values["process"], one.values["seconds"]) for one in found] == [
        ("one", "worker 2", "-9"),
        ("two", "worker 1", "+8"),
    ]
