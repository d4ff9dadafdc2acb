"""Law 1: one effect exactly once, whatever line a process dies at and whatever reply is lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from app import db
from app.channels import Advice, ChannelName, OutgoingMessage, Refused, Unknown
from app.events import ConsentChanged, ConsentChannel, ConsentState, CustomerSeen
from tests.fakes.channels import Killed
from tests.fakes.town import ANA, Town


def kill(*_: Any) -> None:
    raise Killed


def killed(town: Town) -> None:
    with pytest.raises(Killed):
        town.send()


def recover(town: Town) -> None:
    """What a sweep does from here on: every lease runs out and the drain is asked again."""
    for _ in range(4):
        town.clock.advance(minutes=11)
        town.mail.before = town.mail.after = town.phone.before = town.phone.after = None
        town.send()


@pytest.fixture(params=[ChannelName.EMAIL, ChannelName.SMS])
def channel(request: pytest.FixtureRequest) -> ChannelName:
    chosen: ChannelName = request.param
    return chosen


def fake(town: Town, channel: ChannelName) -> Any:
    return town.mail if channel is ChannelName.EMAIL else town.phone


def test_killed_before_the_provider_has_it_it_goes_once(town: Town, channel: ChannelName) -> None:
    message_id = town.plan(channel=channel)
    fake(town, channel).before = kill

    killed(town)
    assert town.message(message_id).status == "sending"
    recover(town)

    assert len(fake(town, channel).out) == 1
    assert town.message(message_id).status == "accepted"


def test_killed_after_the_provider_has_it_it_is_not_sent_again(
    town: Town, channel: ChannelName
) -> None:
    """Between the reply and our commit: the row says sending, the message is out."""
    message_id = town.plan(channel=channel)
    fake(town, channel).after = kill

    killed(town)
    assert town.message(message_id).status == "sending"
    recover(town)

    assert len(fake(town, channel).out) == 1
    assert town.message(message_id).status == "accepted"
    assert "result_unknown" in town.reasons(message_id)


def test_killed_again_and_again_it_still_goes_once(town: Town, channel: ChannelName) -> None:
    town.plan(channel=channel)
    provider = fake(town, channel)
    for _ in range(2):
        provider.after = kill
        with suppress(Killed):
            town.send()
        town.clock.advance(minutes=11)
    recover(town)

    assert len(provider.out) == 1


@contextmanager
def dying_at_statement(number: int) -> Iterator[Callable[[], bool]]:
    """The process dies when it is about to send its n-th statement or commit."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number + 1:
            raise Killed

    engine = db.engine()
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    try:
        yield lambda: seen > number
    finally:
        event.remove(engine, "before_cursor_execute", count)
        event.remove(engine, "commit", count)


@contextmanager
def counted_statements() -> Iterator[Callable[[], int]]:
    seen: list[str] = []

    def count(*told: Any) -> None:
        seen.append(told[2])

    event.listen(db.engine(), "before_cursor_execute", count)
    try:
        yield lambda: len(seen)
    finally:
        event.remove(db.engine(), "before_cursor_execute", count)


@pytest.mark.parametrize("line", range(60))
def test_killed_at_any_statement_the_message_goes_once(
    town: Town, channel: ChannelName, line: int
) -> None:
    """The database itself is the tripwire: the process dies at its n-th statement."""
    message_id = town.plan(channel=channel)

    with dying_at_statement(line) as died:
        try:
            town.send()
        except Killed:
            assert died()
    recover(town)

    assert len(fake(town, channel).out) == 1
    assert town.message(message_id).status == "accepted"


THANKS: dict[str, Any] = {"name": "thanks", "purpose": "nurture", "context": {}}


@pytest.mark.parametrize("line", range(0, 60, 3))
def test_killed_at_any_statement_every_message_of_a_group_goes_once(
    town: Town, channel: ChannelName, line: int
) -> None:
    for journey_id in town.neighbours(5):
        town.plan(journey_id, channel=channel, **THANKS)

    with dying_at_statement(line), suppress(Killed):
        town.send()
    recover(town)

    gone_to = [message.to for message in fake(town, channel).out]
    assert len(gone_to) == len(set(gone_to)) == 5


def test_killed_in_the_middle_of_a_groups_calls_each_goes_once(
    town: Town, channel: ChannelName
) -> None:
    for journey_id in town.neighbours(5):
        town.plan(journey_id, channel=channel, **THANKS)
    provider = fake(town, channel)

    def at_the_third(message: object) -> None:
        if len(provider.out) >= 3:
            raise Killed

    provider.after = at_the_third
    killed(town)
    recover(town)

    gone_to = [message.to for message in provider.out]
    assert len(gone_to) == len(set(gone_to)) == 5


def test_a_defect_at_one_call_keeps_no_other_answer_from_the_record(town: Town) -> None:
    ids = [town.plan(journey_id, **THANKS) for journey_id in town.neighbours(4)]
    broken = ids[1]

    def break_one(message: OutgoingMessage) -> None:
        if message.message_id == broken:
            raise RuntimeError("A defect of ours.")

    town.mail.before = break_one
    town.send()

    statuses = {message_id: town.message(message_id).status for message_id in ids}
    assert statuses.pop(broken) == "sending"
    assert set(statuses.values()) == {"accepted"}


def test_a_group_takes_no_more_statements_than_one_message(town: Town) -> None:
    one, many = town.neighbours(1), town.neighbours(15)[1:]
    town.plan(one[0], **THANKS)
    with counted_statements() as alone:
        town.send()
    for journey_id in many:
        town.plan(journey_id, **THANKS)
    with counted_statements() as together:
        town.send()

    assert len(town.mail.out) == 15
    # The orders of everybody are looked up live and one by one: those are calls, not statements.
    assert together() <= alone() + 3


def test_two_workers_at_once_send_each_message_once(town: Town) -> None:
    town.choose(caps={"email_per_day": 24, "email_per_week": 99, "promotional_per_day": 24})
    journey_id = town.journey()
    for number in range(12):
        town.plan(journey_id, step=f"s{number}")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(town.send, 12) for _ in range(4)]:
            done.result()

    assert len(town.mail.calls) == len({call.unique_id for call in town.mail.calls}) == 12


def test_two_workers_and_a_cap_of_one_send_one(town: Town) -> None:
    for slug in ("a", "b", "c", "d"):
        town.plan(town.journey(slug))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(town.send, 1) for _ in range(4)]:
            done.result()

    assert len(town.mail.out) == 1


@pytest.mark.parametrize("apart", [5, 10])
def test_a_worker_whose_clock_is_ahead_does_not_repeat_a_text_that_is_under_way(
    town: Town, apart: int
) -> None:
    message_id = town.plan(channel=ChannelName.SMS)

    def another_worker(message: OutgoingMessage) -> None:
        town.phone.before = None
        town.clock.advance(minutes=apart)
        town.send()
        town.clock.advance(minutes=-apart)

    town.phone.before = another_worker
    town.send()
    recover(town)

    assert len(town.phone.out) == 1
    assert town.message(message_id).status == "accepted"


# Lost replies.


def test_a_lost_twilio_reply_is_looked_up_and_not_repeated(town: Town) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    town.phone.answers = [Unknown(detail="The answer was lost.")]
    town.phone.before = town.phone.take

    town.send()
    assert town.message(message_id).status == "unknown"
    town.phone.before = None
    town.clock.advance(minutes=1)
    town.send()

    assert len(town.phone.out) == len(town.phone.calls) == 1
    assert town.reasons(message_id) == ["result_unknown", "found_at_provider"]


def test_a_text_that_never_arrived_is_repeated_once_and_only_after_the_look_up(town: Town) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    town.phone.answers = [Unknown(detail="lost"), Unknown(detail="lost again")]

    town.send()
    recover(town)
    recover(town)

    assert len(town.phone.calls) == 2
    assert len(town.phone.looked_up) >= 2
    assert town.message(message_id).status == "failed"
    assert town.reasons(message_id)[-1] == "result_unknown"


def test_while_the_list_may_be_late_nothing_is_repeated(town: Town) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    town.phone.answers = [Unknown(detail="lost")]
    town.phone.lists_late = True

    town.send()
    recover(town)

    assert len(town.phone.calls) == 1
    assert town.message(message_id).status == "unknown"


def test_a_repeat_says_the_same_words_to_the_same_address(town: Town) -> None:
    town.plan()
    town.mail.answers = [Unknown(detail="lost")]

    town.send()
    renamed = replace(ANA, first_name="Anna Maria")
    town.tell(CustomerSeen(person=renamed, updated_at=town.clock.moment))
    recover(town)

    first, second = town.mail.calls[:2]
    assert (first.subject, first.html, first.to) == (second.subject, second.html, second.to)


def test_a_klaviyo_outage_of_an_hour_loses_nothing_and_doubles_nothing(town: Town) -> None:
    """Half of what is asked in the outage is taken although the answer never comes."""
    town.choose(caps={"email_per_day": 24, "email_per_week": 99, "promotional_per_day": 24})
    journey_id = town.journey()
    ids = [town.plan(journey_id, step=f"s{n}") for n in range(6)]
    calls = 0

    def outage(message: Any) -> None:
        nonlocal calls
        calls += 1
        if calls % 2:
            town.mail.take(message)

    town.mail.before = outage
    town.mail.answers = [Unknown(detail="503")] * 500
    for _ in range(60):
        town.send()
        town.clock.advance(minutes=1)
    town.mail.before, town.mail.answers = None, []
    for _ in range(120):
        town.send()
        town.clock.advance(minutes=1)

    assert len(town.mail.out) == 6
    assert {town.message(i).status for i in ids} == {"accepted"}


def test_who_buys_during_the_outage_is_not_written_to_by_the_repeat(town: Town) -> None:
    message_id = town.plan()
    town.mail.answers = [Unknown(detail="503")]

    town.send()
    town.connections.fake_shop.orders = [town.order()]
    recover(town)

    assert len(town.mail.calls) == 1
    assert "already_ordered" in town.reasons(message_id)


def test_who_opts_out_during_the_outage_is_not_written_to_by_the_repeat(town: Town) -> None:
    message_id = town.plan()
    town.mail.answers = [Unknown(detail="503")]

    town.send()
    town.tell(
        ConsentChanged(
            person=ANA,
            channel=ConsentChannel.EMAIL,
            state=ConsentState.UNSUBSCRIBED,
            source="shopify",
            updated_at=town.clock.advance(seconds=5),
        )
    )
    recover(town)

    assert len(town.mail.calls) == 1
    assert town.reasons(message_id)[-1] == "opted_out"


def test_a_provider_that_is_down_is_not_asked_for_every_message(town: Town) -> None:
    town.choose(caps={"email_per_day": 24, "email_per_week": 99, "promotional_per_day": 24})
    journey_id = town.journey()
    for number in range(10):
        town.plan(journey_id, step=f"s{number}")
    town.mail.answers = [Refused(advice=Advice.RETRY, code="unreachable", detail="Down.")] * 10

    town.send()

    assert len(town.mail.calls) == 3
