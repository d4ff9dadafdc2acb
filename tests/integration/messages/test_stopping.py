"""A worker that is asked to stop amid its messages sends no more and holds none back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app import jobs
from app.channels import Unknown
from app.models import Message
from app.tenancy import store_transaction
from tests.fakes.town import Town

GENEROUS = {"email_per_day": 24, "email_per_week": 168, "promotional_per_day": 24}


@pytest.fixture(autouse=True)
def _going() -> Iterator[None]:
    yield
    jobs.stop(False)


def rows(town: Town) -> list[tuple[str, bool]]:
    with store_transaction(town.store_id) as session:
        messages = session.scalars(select(Message).order_by(Message.message_id)).all()
    return [(message.status, message.lease_until is not None) for message in messages]


@pytest.fixture
def waiting(town: Town) -> Town:
    """Three messages to one person are due, so each is a group of its own."""
    town.choose(caps=GENEROUS)
    for number in range(3):
        town.plan(town.journey(f"flow-{number}"))
    return town


def test_the_call_in_hand_is_recorded_and_the_rest_is_free_for_others_at_once(
    waiting: Town,
) -> None:
    waiting.mail.after = lambda _: jobs.stop()

    waiting.send(10)

    assert len(waiting.mail.out) == 1
    assert rows(waiting) == [("accepted", False), ("planned", False), ("planned", False)]


def test_another_worker_sends_the_rest_without_waiting_for_a_lease(waiting: Town) -> None:
    waiting.mail.after = lambda _: jobs.stop()
    waiting.send(10)
    waiting.mail.after = None

    jobs.stop(False)
    waiting.send(10)

    assert [status for status, _ in rows(waiting)] == ["accepted"] * 3
    assert len({call.unique_id for call in waiting.mail.out}) == 3


def test_a_look_up_that_was_not_begun_is_handed_back_as_well(waiting: Town) -> None:
    waiting.mail.answers = [Unknown(detail="The answer was lost.")] * 3
    waiting.send(10)
    waiting.clock.advance(minutes=5)
    jobs.stop()

    waiting.send(10)

    assert rows(waiting) == [("unknown", False)] * 3
    assert waiting.mail.looked_up == []
