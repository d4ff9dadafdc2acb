"""What went out and a restored backup has forgotten stands for the next message like it, once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.channels import ChannelName, Sent
from app.inbox.retention import forget_old
from app.messages.remember import Window, remember
from app.models import LostSend
from app.tenancy import store_transaction
from tests.fakes.town import ANA, Town

HOUR = timedelta(hours=1)


def told(town: Town, **values: Any) -> Sent:
    """A text to Ana of half an hour ago, by keyword anything else."""
    good: dict[str, Any] = {
        "key": "SM1",
        "channel": ChannelName.SMS,
        "address": ANA.phone,
        "sent_at": town.clock.moment - HOUR / 2,
        "provider_id": "SM1",
    }
    return Sent(**good | values)


def mailed(town: Town, **values: Any) -> Sent:
    good = {"channel": ChannelName.EMAIL, "address": "Ana@example.com", "provider_id": None}
    return told(town, **{**good, "key": "E1", "flow": "cart-reminder", **values})


def learn(town: Town, *sent: Sent) -> tuple[int, int]:
    window = Window(town.clock.moment - HOUR, town.clock.moment)
    with store_transaction(town.store_id) as session:
        return remember(session, sent, window, town.config.keys)


def test_a_text_like_it_counts_as_sent_then_and_the_one_after_that_goes(town: Town) -> None:
    first = town.plan(channel=ChannelName.SMS)
    second = town.plan(channel=ChannelName.SMS, step="second", due_at=town.clock() + HOUR * 24)
    sent = told(town)

    assert learn(town, sent) == (0, 1)
    town.send()
    town.clock.advance(hours=24)
    town.send()

    row = town.message(first)
    assert (row.status, row.reason, row.provider_id) == ("accepted", "found_at_provider", "SM1")
    assert row.sent_at == sent.sent_at
    assert [one.message_id for one in town.phone.out] == [second]


@pytest.mark.parametrize(
    "other",
    [
        {"flow": "welcome"},
        {"step": "second"},
        {"address": "bea@example.com"},
        {"channel": ChannelName.SMS, "address": ANA.phone},
    ],
)
def test_what_went_to_another_or_by_another_way_stands_for_nothing(
    town: Town, other: dict[str, Any]
) -> None:
    message_id = town.plan()

    learn(town, mailed(town, **other))
    town.send()

    assert [one.message_id for one in town.mail.out] == [message_id]


def test_a_message_that_the_backup_meant_to_send_is_settled_at_once(town: Town) -> None:
    message_id = town.plan()

    assert learn(town, mailed(town, message_id=message_id)) == (1, 0)
    town.send()

    assert town.mail.out == []
    row = town.message(message_id)
    assert (row.status, row.address) == ("accepted", "Ana@example.com")
    assert learn(town, mailed(town, message_id=message_id)) == (0, 0)


def test_what_the_backup_knows_as_sent_is_not_lost(town: Town) -> None:
    town.plan(channel=ChannelName.SMS)
    town.send()
    (sent,) = town.phone.out
    provider_id = town.message(sent.message_id).provider_id

    assert learn(town, told(town, key="x", provider_id=provider_id)) == (0, 0)


def test_learnt_twice_it_stands_for_one_and_not_for_ever(town: Town) -> None:
    learn(town, mailed(town))
    learn(town, mailed(town))
    with store_transaction(town.store_id) as session:
        (row,) = session.scalars(select(LostSend))
        assert "ana" not in row.address
    town.clock.advance(days=3, hours=3)
    message_id = town.plan()
    town.send()

    assert [one.message_id for one in town.mail.out] == [message_id]
    assert forget_old(town.store_id, town.config) == 1
