"""What people answer by text: refusals in any words, questions, and the way back."""

import pytest
from sqlalchemy import select

from app import customers
from app.channels import ChannelName, Inbound
from app.customers.changes import ChangeKind
from app.events import ConsentState, CustomerSeen, Person
from app.messages import take_inbound
from app.models import Customer, Task
from app.stores.notices import words
from app.tenancy import store_transaction
from tests.fakes.town import Town
from tests.integration.messages.answers import count, reply, sent


def silences(town: Town, platform_key: str) -> dict[str, str]:
    with store_transaction(town.store_id) as session:
        found = select(Customer.suppressed).where(Customer.platform_key == platform_key)
        return dict(session.scalars(found).one())


def test_opted_out_by_sms_mid_journey(town: Town) -> None:
    sent(town)

    reply(town, "STOP")
    town.clock.advance(days=3)
    town.clock.travel(town.clock.moment.replace(hour=11))
    second = town.plan(channel=ChannelName.SMS, step="second")
    mail = town.plan(step="third")
    town.send()

    assert town.reasons(second) == ["opted_out"]
    assert town.reasons(mail) == ["sent"]
    assert [c.kind for c in town.changes].count(ChangeKind.CONSENT_CHANGED) == 1


@pytest.mark.parametrize("words", ["non scrivetemi più per favore", "Basta!", "no quiero más sms"])
def test_a_refusal_in_any_words_counts(town: Town, words: str) -> None:
    sent(town)

    reply(town, words)

    assert town.consent("sms") == ConsentState.UNSUBSCRIBED


def test_a_likely_refusal_stops_and_a_human_reads_it(town: Town) -> None:
    sent(town)

    reply(town, "Ma chi siete?")
    reply(town, "Ma chi siete?")

    assert town.consent("sms") == ConsentState.UNSUBSCRIBED
    assert count(town, Task) == 1
    with store_transaction(town.store_id) as session:
        title = session.scalars(select(Task.title)).one()
    assert title == words("reply", {}, "it")  # The shop's language.


def test_a_question_is_no_refusal(town: Town) -> None:
    sent(town)

    reply(town, "Quando arriva il pacco?")

    assert town.consent("sms") == ConsentState.SUBSCRIBED


def test_a_refusal_from_a_number_nobody_has_yet_silences_the_number(town: Town) -> None:
    inbound = Inbound(
        receipt_key="in-9",
        channel=ChannelName.SMS,
        address="+393479999999",
        body="STOP",
        occurred_at=town.clock.moment,
    )

    take_inbound(town.store_id, inbound, town.config.keys)

    with store_transaction(town.store_id) as session:
        keys = town.config.keys
        assert customers.is_suppressed(session, "sms", "+393479999999", keys=keys) == "opted_out"


def test_a_start_after_a_strangers_stop_opens_the_number_again(town: Town) -> None:
    texts = [("in-1", "STOP"), ("in-2", "START")]
    for key, body in texts:
        inbound = Inbound(
            receipt_key=key,
            channel=ChannelName.SMS,
            address="+393479999999",
            body=body,
            occurred_at=town.clock.advance(minutes=1),
        )
        take_inbound(town.store_id, inbound, town.config.keys)
        if body == "STOP":
            ben = Person(platform_key="88", phone="+393479999999")
            town.tell(CustomerSeen(person=ben, updated_at=town.clock.moment))
            assert silences(town, "88") == {"sms": "opted_out"}

    assert silences(town, "88") == {}


def test_a_start_confirms_the_opt_in_of_its_number(town: Town) -> None:
    reply(town, "STOP")
    reply(town, "START", key="in-2")

    with store_transaction(town.store_id) as session:
        ana = customers.find_customer(session, "+393471234567")
        assert ana is not None
        held = customers.consent_now(session, [ana.customer_id])[ana.customer_id]["sms"]
    assert (held.state, held.confirmed) == ("subscribed", True)


def test_a_start_does_not_open_a_number_that_is_dead(town: Town) -> None:
    with store_transaction(town.store_id) as session:
        keys = town.config.keys
        customers.suppress(session, "sms", "+393471234567", "bad_address:30005", keys=keys)

    reply(town, "START")

    assert silences(town, "77") == {"sms": "bad_address:30005"}
