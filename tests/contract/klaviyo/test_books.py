"""What Klaviyo's events tell of what we had it send, after a backup has forgotten it."""

from datetime import timedelta
from uuid import uuid4

from app.channels.klaviyo import Klaviyo
from tests.conftest import Clock
from tests.contract.klaviyo.conftest import STORE, MakeMessage


def test_every_mail_since_then_is_told_with_our_own_names_for_it(
    klaviyo: Klaviyo, message: MakeMessage, clock: Clock
) -> None:
    klaviyo.send(message())
    since = clock.advance(hours=1)
    first = message()
    second = message(flow="welcome", to="bea@example.com")
    for each in (first, second):
        klaviyo.send(each)

    told = {one.message_id: one for one in klaviyo.sent_since(STORE, since)}

    assert told.keys() == {first.message_id, second.message_id}
    found = told[second.message_id]
    assert (found.address, found.flow, found.sent_at) == ("bea@example.com", "welcome", clock())


def test_a_repeat_is_one_and_another_store_of_the_account_is_not_ours(
    klaviyo: Klaviyo, message: MakeMessage, clock: Clock
) -> None:
    mine = message()
    klaviyo.send(mine)
    klaviyo.send(mine)
    klaviyo.send(message(store_id=uuid4()))

    told = list(klaviyo.sent_since(STORE, clock() - timedelta(hours=1)))

    assert [one.message_id for one in told] == [mine.message_id]


def test_more_than_a_page_is_read_to_its_end(
    klaviyo: Klaviyo, message: MakeMessage, clock: Clock
) -> None:
    sent = [message(to=f"ana{number}@example.com") for number in range(60)]
    for each in sent:
        klaviyo.send(each)

    told = klaviyo.sent_since(STORE, clock() - timedelta(hours=1))

    assert {one.message_id for one in told} == {each.message_id for each in sent}
