"""Messages that break us: put off alone, told of once, given up on record."""

from uuid import UUID

import pytest

from app.models import Message
from app.tenancy import store_transaction
from tests.fakes.town import Town


def test_one_message_that_breaks_us_does_not_stop_the_next(town: Town) -> None:
    first = town.plan()
    town.choose(caps={"promotional_per_day": 9, "email_per_day": 9})
    second = town.plan(town.journey("other"))

    def fail_once(message: object) -> None:
        town.mail.before = None
        raise RuntimeError("A defect of ours.")

    town.mail.before = fail_once
    town.send()

    statuses = {town.message(first).status, town.message(second).status}
    assert statuses == {"sending", "accepted"}


def spoil(town: Town, message_id: UUID, context: dict[str, object]) -> None:
    """What no code of ours would write: the row of a defect."""
    with store_transaction(town.store_id) as session:
        message = session.get_one(Message, (town.store_id, message_id))
        message.context = {**message.context, **context}


@pytest.mark.parametrize(
    "context", [{"offer": []}, {"template": "no mapping"}], ids=["facts", "text"]
)
def test_a_message_that_breaks_us_waits_for_its_repair_and_is_told_of_once(
    town: Town, context: dict[str, object]
) -> None:
    broken = town.plan()
    spoil(town, broken, context)
    town.choose(caps={"promotional_per_day": 9, "email_per_day": 9})
    sound = town.plan(town.journey("other"))

    town.send()
    town.clock.advance(minutes=31)
    town.send()

    assert town.message(sound).status == "accepted"
    assert town.message(broken).status == "planned"
    assert town.reasons(broken) == ["our_defect"]


def test_a_message_that_breaks_us_until_its_deadline_is_given_up_on_record(town: Town) -> None:
    broken = town.plan()
    spoil(town, broken, {"offer": []})

    town.send()
    town.clock.advance(hours=23, minutes=45)
    town.send()

    assert town.message(broken).status == "held"
    assert town.reasons(broken) == ["our_defect", "our_defect"]
    assert len(town.mail.calls) == 0
