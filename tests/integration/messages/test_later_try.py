"""A text whose phone was out of reach is tried once more, later; no other text ever is."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.channels import Advice, ChannelName, Receipt, ReceiptStatus, Refused, Unknown
from app.channels.twilio.errors import MEANINGS
from app.messages import take_receipts
from tests.fakes.town import Town

UNREACHABLE = 30003


def sent(town: Town, **values: Any) -> UUID:
    """A text at noon that the carrier has, due for two days unless the test says otherwise."""
    due = {"deadline_at": town.clock.moment + timedelta(days=2), **values}
    message_id = town.plan(channel=ChannelName.SMS, **due)
    town.send()
    return message_id


def told(
    town: Town, message_id: UUID, status: ReceiptStatus, sid: str | None = None, code: int = 0
) -> None:
    """A receipt about the attempt called `sid`, by default the latest."""
    sid = sid or town.message(message_id).provider_id
    means = MEANINGS.get(code)
    receipt = Receipt(
        receipt_key=f"{sid}:{status}",
        status=status,
        occurred_at=town.clock.advance(minutes=1),
        message_id=message_id,
        provider_id=sid,
        code=str(code) if code else None,
        advice=means.advice if means else None,
        retry_after=means.retry_after if means else None,
    )
    take_receipts(town.store_id, "twilio", [receipt], town.config.keys)


def unreached(town: Town, **values: Any) -> UUID:
    message_id = sent(town, **values)
    told(town, message_id, ReceiptStatus.UNDELIVERED, code=UNREACHABLE)
    return message_id


def test_a_phone_out_of_reach_is_tried_once_more_later(town: Town) -> None:
    message_id = unreached(town)
    town.clock.advance(hours=5)
    town.send()
    assert len(town.phone.out) == 1
    town.clock.advance(hours=1)
    town.send()

    first, second = town.phone.out
    row = town.message(message_id)
    assert (first.message_id, first.unique_id) == (second.message_id, second.unique_id)
    assert (row.status, row.attempts) == ("accepted", 2)
    assert town.reasons(message_id) == ["sent", "not_reached", "sent"]


def test_a_second_failure_ends_it(town: Town) -> None:
    message_id = unreached(town)
    town.clock.advance(hours=6)
    town.send()

    told(town, message_id, ReceiptStatus.UNDELIVERED, code=UNREACHABLE)
    town.clock.advance(days=1)
    town.send()

    assert len(town.phone.out) == 2
    row = town.message(message_id)
    assert (row.status, row.error_code) == ("failed", "30003")


@pytest.mark.parametrize("code", sorted(set(MEANINGS) - {UNREACHABLE}))
def test_no_other_code_is_tried_again(town: Town, code: int) -> None:
    message_id = sent(town)
    told(town, message_id, ReceiptStatus.UNDELIVERED, code=code)

    town.clock.advance(hours=20)
    town.send()

    assert len(town.phone.out) == 1
    assert town.message(message_id).status == "failed"


def test_a_later_try_past_the_deadline_is_none(town: Town) -> None:
    message_id = unreached(town, deadline_at=town.clock.moment + timedelta(hours=6))

    assert town.message(message_id).status == "failed"


def test_quiet_hours_move_the_later_try(town: Town) -> None:
    message_id = sent(town)
    town.clock.advance(hours=3)
    told(town, message_id, ReceiptStatus.UNDELIVERED, code=UNREACHABLE)

    town.clock.advance(hours=6)  # Past nine in the evening in Rome.
    town.send()
    assert len(town.phone.out) == 1
    town.clock.advance(hours=14)
    town.send()

    assert town.reasons(message_id) == ["sent", "not_reached", "quiet_hours", "sent"]


def test_who_has_bought_meanwhile_gets_no_later_try(town: Town) -> None:
    message_id = unreached(town)
    town.clock.advance(hours=1)
    town.tell(town.order())

    town.clock.advance(hours=5)
    town.send()

    assert len(town.phone.out) == 1
    assert town.reasons(message_id)[-1] == "already_ordered"


def test_late_news_of_the_first_attempt_does_not_stop_the_second(town: Town) -> None:
    message_id = sent(town)
    first = town.message(message_id).provider_id
    told(town, message_id, ReceiptStatus.UNDELIVERED, code=UNREACHABLE)

    told(town, message_id, ReceiptStatus.SENT, first)
    told(town, message_id, ReceiptStatus.FAILED, first, code=UNREACHABLE)
    town.clock.advance(hours=6)
    town.send()
    told(town, message_id, ReceiptStatus.FAILED, first, code=UNREACHABLE)

    assert len(town.phone.out) == 2
    assert town.message(message_id).status == "accepted"


def test_a_first_attempt_that_arrived_after_all_is_not_repeated(town: Town) -> None:
    message_id = sent(town)
    first = town.message(message_id).provider_id
    told(town, message_id, ReceiptStatus.UNDELIVERED, code=UNREACHABLE)

    told(town, message_id, ReceiptStatus.DELIVERED, first)
    town.clock.advance(hours=6)
    town.send()

    row = town.message(message_id)
    assert len(town.phone.out) == 1
    assert (row.status, row.reason, row.provider_id) == ("delivered", "sent", first)


def test_a_receipt_that_overtakes_our_commit_still_plans_one_later_try(town: Town) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    sid = f"SM{0:032d}"
    town.phone.after = lambda _: told(
        town, message_id, ReceiptStatus.UNDELIVERED, sid, code=UNREACHABLE
    )

    town.send()
    town.phone.after = None
    assert town.message(message_id).status == "planned"
    town.clock.advance(hours=6)
    town.send()

    assert len(town.phone.out) == 2


def test_a_lost_answer_of_the_second_attempt_is_looked_up_past_the_first(town: Town) -> None:
    message_id = sent(town)
    first = town.message(message_id).provider_id
    told(town, message_id, ReceiptStatus.UNDELIVERED, code=UNREACHABLE)
    town.clock.advance(hours=6)
    town.phone.answers = [Unknown(detail="lost")]
    town.send()

    town.clock.advance(minutes=2)
    town.send()

    (asked,) = town.phone.looked_up
    assert asked.failed_ids == {first}


def test_a_refusal_for_the_same_reason_is_tried_later_too(town: Town) -> None:
    answer = Refused(advice=Advice.TRY_LATER, code="30003", detail="Off.", retry_after=21_600)
    town.phone.answers = [answer, answer]
    message_id = sent(town)

    town.clock.advance(hours=6)
    town.send()
    town.clock.advance(hours=20)
    town.send()

    assert len(town.phone.calls) == 2
    assert town.reasons(message_id) == ["not_reached", "provider_refused"]
