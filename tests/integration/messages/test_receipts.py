"""Receipts and answers: once each, in any order, and an opt-out reaches everybody."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from app.channels import (
    Advice,
    ChannelName,
    Receipt,
    ReceiptPage,
    ReceiptStatus,
    Unknown,
)
from app.crypto import Vault
from app.errors import Unreachable
from app.events import ConsentChannel, ConsentState
from app.messages import (
    doubt,
    erase_due,
    poll_receipts,
    take_receipts,
    write_back_due,
)
from app.messages.choices import choose
from app.models import Erasure, Notice, PollCursor, Touch
from app.tenancy import store_transaction
from tests.fakes.town import Town
from tests.integration.messages.answers import count, reply, sent


def receipt(town: Town, status: ReceiptStatus, **values: Any) -> Receipt:
    good: dict[str, Any] = {
        "receipt_key": f"r-{status}",
        "status": status,
        "occurred_at": town.clock.moment + timedelta(minutes=1),
    }
    return Receipt(**good | values)


def take(town: Town, *receipts: Receipt, provider: str = "twilio") -> None:
    take_receipts(town.store_id, provider, receipts, town.config.keys, town._hear)


def chosen(town: Town, state: ConsentState) -> datetime:
    """Ana's choice about e-mail in the merchant's other shop window, a minute later."""
    at = town.clock.advance(minutes=1)
    with store_transaction(town.store_id) as session:
        because = {"source": "preference_page"}
        choose(session, town.ana, (ConsentChannel.EMAIL, state), at, because)
    return at


def doubted(town: Town) -> int:
    with store_transaction(town.store_id) as session:
        return doubt(session, town.clock.moment)


@pytest.mark.parametrize(
    "order",
    list(permutations([ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ])),
    ids="-".join,
)
def test_receipts_in_any_order_and_twice_end_the_same(
    town: Town, order: tuple[ReceiptStatus, ...]
) -> None:
    message_id = sent(town)

    for status in order * 2:
        take(town, receipt(town, status, message_id=message_id))

    assert town.message(message_id).status == "read"


def test_a_receipt_answers_what_the_lost_reply_did_not(town: Town) -> None:
    town.phone.answers = [Unknown(detail="lost")]
    message_id = sent(town)

    take(town, receipt(town, ReceiptStatus.DELIVERED, message_id=message_id, provider_id="SM1"))
    town.clock.advance(hours=1)
    town.send()

    row = town.message(message_id)
    assert (row.status, row.provider_id) == ("delivered", "SM1")
    assert len(town.phone.calls) == 1
    assert town.phone.looked_up == []


def test_a_receipt_that_overtakes_our_own_commit_is_kept(town: Town) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    town.phone.after = lambda _: take(
        town, receipt(town, ReceiptStatus.DELIVERED, message_id=message_id)
    )

    town.send()

    assert town.message(message_id).status == "delivered"


def test_klaviyo_names_only_the_address_and_the_latest_mail_is_meant(town: Town) -> None:
    message_id = sent(town, ChannelName.EMAIL)

    take(
        town,
        receipt(town, ReceiptStatus.DELIVERED, address="ana@example.com"),
        provider="klaviyo",
    )

    assert town.message(message_id).status == "delivered"


def test_a_hard_bounce_silences_the_address(town: Town) -> None:
    message_id = sent(town, ChannelName.EMAIL)

    take(
        town,
        receipt(town, ReceiptStatus.BOUNCED, address="ana@example.com", advice=Advice.BAD_ADDRESS),
        provider="klaviyo",
    )
    town.clock.advance(days=2)
    again = town.plan(step="second")
    town.send()

    assert town.message(message_id).status == "failed"
    assert town.reasons(again) == ["suppressed"]
    assert town.consent("email") == ConsentState.SUBSCRIBED


def test_a_complaint_is_a_refusal_and_silences_the_address(town: Town) -> None:
    sent(town, ChannelName.EMAIL)

    take(
        town,
        receipt(town, ReceiptStatus.COMPLAINED, address="ana@example.com", advice=Advice.OPT_OUT),
        provider="klaviyo",
    )

    assert town.consent("email") == ConsentState.UNSUBSCRIBED
    assert town.consent("sms") == ConsentState.SUBSCRIBED


@pytest.mark.requirement(14)
def test_a_click_is_a_touch_and_a_fact_once_a_minute(town: Town) -> None:
    message_id = sent(town, ChannelName.EMAIL)
    click = receipt(town, ReceiptStatus.CLICKED, message_id=message_id)

    take(town, click, replace(click, receipt_key="another"), provider="klaviyo")

    assert count(town, Touch) == 1
    assert [c.values["name"] for c in town.changes if c.kind == "acted"] == ["link_clicked"]


def test_whatsapp_that_was_not_delivered_becomes_a_text(town: Town) -> None:
    town.choose(whatsapp_templates={"cart-reminder.reminder": "HX1"})
    message_id = sent(town, ChannelName.WHATSAPP)
    refusal = receipt(
        town,
        ReceiptStatus.UNDELIVERED,
        message_id=message_id,
        code="63024",
        advice=Advice.TRY_OTHER,
    )

    take(town, refusal, refusal)
    town.send()

    assert [m.channel for m in town.phone.out] == [ChannelName.WHATSAPP, ChannelName.SMS]


# To the shop and to the other provider.


def test_an_opt_out_is_brought_to_the_shop_and_to_the_provider(town: Town) -> None:
    sent(town)
    reply(town, "STOP")
    town.connections.fake_shop.problem = Unreachable("Not now.")

    write_back_due(town.store_id, town.connections, 10)
    assert town.connections.fake_shop.consents == []
    town.connections.fake_shop.problem = None
    town.clock.advance(minutes=1)
    write_back_due(town.store_id, town.connections, 10)
    write_back_due(town.store_id, town.connections, 10)

    told = [(channel, state) for _, channel, state in town.connections.fake_shop.consents]
    assert told == [("sms", "unsubscribed")]


def test_a_return_after_an_opt_out_is_brought_to_the_provider(town: Town) -> None:
    chosen(town, ConsentState.UNSUBSCRIBED)
    write_back_due(town.store_id, town.connections, 10)
    back = chosen(town, ConsentState.SUBSCRIBED)

    write_back_due(town.store_id, town.connections, 10)

    assert town.mail.suppressed == ["ana@example.com"]
    assert town.mail.subscribed == [("ana@example.com", back)]


def test_an_opt_out_that_was_taken_back_on_the_way_is_not_brought_any_more(town: Town) -> None:
    chosen(town, ConsentState.UNSUBSCRIBED)
    chosen(town, ConsentState.SUBSCRIBED)

    write_back_due(town.store_id, town.connections, 10)

    assert town.mail.suppressed == []
    assert [address for address, _ in town.mail.subscribed] == ["ana@example.com"]


# No word at all.


def test_mail_that_is_never_confirmed_is_doubted_once_and_the_merchant_hears_of_it(
    town: Town,
) -> None:
    message_id = sent(town, ChannelName.EMAIL)
    town.clock.advance(hours=47)
    assert doubted(town) == 0
    town.clock.advance(hours=2)

    assert (doubted(town), doubted(town)) == (1, 0)

    assert town.reasons(message_id) == ["sent", "not_confirmed"]
    with store_transaction(town.store_id) as session:
        (notice,) = session.scalars(select(Notice).where(Notice.kind == "not_confirmed"))
        assert notice.details == {"flow": "cart-reminder", "count": 1}


def test_a_receipt_that_comes_late_ends_the_doubt(town: Town) -> None:
    message_id = sent(town, ChannelName.EMAIL)
    town.clock.advance(hours=49)
    doubted(town)

    take(town, receipt(town, ReceiptStatus.DELIVERED, message_id=message_id))

    row = town.message(message_id)
    assert (row.status, row.reason) == ("delivered", "sent")


def test_mail_that_was_confirmed_is_not_doubted(town: Town) -> None:
    message_id = sent(town, ChannelName.EMAIL)
    take(town, receipt(town, ReceiptStatus.DELIVERED, message_id=message_id))
    town.clock.advance(days=5)

    assert doubted(town) == 0


# Polling.


def test_a_poll_goes_on_from_where_it_was_and_counts_each_receipt_once(town: Town) -> None:
    message_id = sent(town, ChannelName.EMAIL)
    click = receipt(town, ReceiptStatus.CLICKED, message_id=message_id)
    town.mail.pages = [
        ReceiptPage(receipts=[click], cursor="one", more=True),
        ReceiptPage(receipts=[click], cursor="two", more=False),
    ]

    assert poll_receipts(town.store_id, town.connections, town._hear) == 2
    poll_receipts(town.store_id, town.connections, town._hear)

    assert town.mail.cursors == [None, "one", "two"]
    assert count(town, Touch) == 1
    with store_transaction(town.store_id) as session:
        assert session.get_one(PollCursor, (town.store_id, "klaviyo")).cursor == "two"


# Erasures.


def test_the_providers_forget_a_person_as_soon_as_they_can_be_reached(town: Town) -> None:
    addresses = Vault(town.config.keys).seal(json.dumps(["ana@example.com", "+393471234567"]))
    with store_transaction(town.store_id) as session:
        session.add(Erasure(store_id=town.store_id, sealed=addresses))
    town.connections.channel_problem = Unreachable("Not now.")

    erase_due(town.store_id, town.connections, 10)
    assert town.mail.erased == []
    town.connections.channel_problem = None
    town.clock.advance(minutes=16)
    erase_due(town.store_id, town.connections, 10)

    assert (town.mail.erased, town.phone.erased) == (["ana@example.com"], ["+393471234567"])
    with store_transaction(town.store_id) as session:
        row = session.scalars(select(Erasure)).one()
        assert (row.sealed, row.done_at) == (None, town.clock.moment)
