"""Callbacks as Twilio really posts them: signed, late, twice, and from people."""

from dataclasses import replace

import pytest

from app.channels import Advice, CallbackRequest, ChannelName, Inbound, Receipt, ReceiptStatus
from app.channels.twilio.errors import MEANINGS
from app.errors import BadSignature, MalformedPayload
from app.sandbox.server import Fault
from app.sandbox.twilio_callbacks import signature
from app.sandbox.twilio_checks import FIRST_LATE_CODE
from tests.contract.twilio.conftest import ANA, PUBLIC, Door, Shop, channel_of


def receipts(shop: Shop, door: Door) -> list[Receipt]:
    read = [found for request in door.got for found in shop.channel.read_callback(request)]
    return [found for found in read if isinstance(found, Receipt)]


def test_receipts_name_our_message_and_never_the_initial_status(shop: Shop, door: Door) -> None:
    message = shop.message()
    shop.channel.send(message)

    shop.world.pump()

    told = receipts(shop, door)
    assert [receipt.status for receipt in told] == [ReceiptStatus.SENT, ReceiptStatus.DELIVERED]
    assert {receipt.message_id for receipt in told} == {message.message_id}
    assert {receipt.provider_id for receipt in told} == {shop.world.messages[0].sid}
    assert {receipt.address for receipt in told} == {ANA}


def test_receipts_that_come_backwards_and_twice_are_told_as_they_are(
    shop: Shop, door: Door
) -> None:
    shop.channel.send(shop.message())

    shop.world.pump(backwards=True, twice=True)

    told = receipts(shop, door)
    assert [receipt.status for receipt in told] == [
        ReceiptStatus.DELIVERED,
        ReceiptStatus.DELIVERED,
        ReceiptStatus.SENT,
        ReceiptStatus.SENT,
    ]
    assert len({receipt.receipt_key for receipt in told}) == 2


def test_a_lost_answer_comes_back_with_the_receipt(shop: Shop, door: Door) -> None:
    message = shop.message()
    shop.world.fail(Fault(path="/2010", status=502, after=True))
    shop.channel.send(message)

    shop.world.pump()

    assert receipts(shop, door)[0].message_id == message.message_id


@pytest.mark.parametrize("code", sorted(c for c in MEANINGS if c >= FIRST_LATE_CODE))
def test_every_code_that_comes_late_has_its_advice(shop: Shop, door: Door, code: int) -> None:
    shop.world.mark(ANA, code)
    shop.channel.send(shop.message())

    shop.world.pump()

    last = receipts(shop, door)[-1]
    assert last.status in {ReceiptStatus.FAILED, ReceiptStatus.UNDELIVERED}
    assert (last.code, last.advice) == (str(code), MEANINGS[code].advice)


def test_marketing_on_whatsapp_to_a_north_american_number_is_blocked(
    shop: Shop, door: Door
) -> None:
    template = shop.world.add_template("Hi {{1}}")
    shop.channel.send(
        shop.message(
            channel=ChannelName.WHATSAPP,
            to="+12125550123",
            template_key=template.sid,
            template_values={"1": "Ana"},
        )
    )

    shop.world.pump()

    assert receipts(shop, door)[-1].code == "63049"


def test_what_twilio_signs_is_accepted_on_the_public_address_only(shop: Shop, door: Door) -> None:
    shop.channel.send(shop.message())
    shop.world.pump()
    request = door.got[-1]

    assert shop.channel.read_callback(request)
    with pytest.raises(BadSignature):
        shop.channel.read_callback(replace(request, url=request.url.replace(PUBLIC, door.url)))


def spoil(request: CallbackRequest, **headers: str) -> CallbackRequest:
    kept = {k: v for k, v in request.headers.items() if k != "x-twilio-signature"}
    return replace(request, headers=kept | headers)


@pytest.mark.parametrize("sent", [None, "", "AAAA", "é" * 28])
def test_a_missing_or_wrong_signature_is_refused(shop: Shop, door: Door, sent: str | None) -> None:
    shop.channel.send(shop.message())
    shop.world.pump()
    headers = {} if sent is None else {"x-twilio-signature": sent}

    with pytest.raises(BadSignature):
        shop.channel.read_callback(spoil(door.got[0], **headers))


def test_a_changed_field_breaks_the_signature(shop: Shop, door: Door) -> None:
    shop.channel.send(shop.message())
    shop.world.pump()
    request = door.got[0]

    with pytest.raises(BadSignature):
        shop.channel.read_callback(
            replace(request, form={**request.form, "MessageStatus": "delivered"})
        )
    with pytest.raises(BadSignature):
        shop.channel.read_callback(replace(request, url=request.url + "&more=1"))


def test_another_stores_token_proves_nothing(shop: Shop, door: Door) -> None:
    other = shop.world.add_account()
    shop.channel.send(shop.message())
    shop.world.pump()
    stranger = channel_of(shop.world, other, shop.world.add_service(other))

    with pytest.raises(BadSignature):
        stranger.read_callback(door.got[0])


def signed(
    shop: Shop, form: dict[str, str], url: str = f"{PUBLIC}/callbacks/twilio"
) -> CallbackRequest:
    header = {"x-twilio-signature": signature(shop.account.token, url, form)}
    return CallbackRequest(url=url, headers=header, form=form, body=b"")


def test_an_address_that_is_none_is_refused_not_crashed_on(shop: Shop) -> None:
    with pytest.raises(BadSignature):
        shop.channel.read_callback(signed(shop, {"A": "b"}, "https://app.example:port/x"))


def test_a_signed_body_without_its_fields_is_malformed(shop: Shop) -> None:
    for form in ({"Foo": "bar"}, {"MessageStatus": "sent"}, {"From": ANA, "Body": "ciao"}):
        with pytest.raises(MalformedPayload):
            shop.channel.read_callback(signed(shop, form))


def test_a_status_we_do_not_use_and_a_strange_code_are_no_failure(shop: Shop) -> None:
    sid = {"MessageSid": "SM1", "To": ANA}

    assert shop.channel.read_callback(signed(shop, {**sid, "MessageStatus": "sending"})) == []
    assert shop.channel.read_callback(signed(shop, {**sid, "MessageStatus": "brand-new"})) == []
    odd = signed(
        shop, {**sid, "MessageStatus": "failed", "ErrorCode": "x1"}, f"{PUBLIC}/c?message=not-an-id"
    )
    [receipt] = shop.channel.read_callback(odd)
    assert isinstance(receipt, Receipt)
    assert (receipt.code, receipt.advice, receipt.message_id) == ("x1", None, None)


def answers(shop: Shop, door: Door) -> list[Receipt | Inbound]:
    return shop.channel.read_callback(door.got[-1])


def test_a_keyword_twilio_handles_is_marked_so_and_unsubscribes(shop: Shop, door: Door) -> None:
    shop.world.reply(ANA, "STOP")
    shop.world.pump()

    inbound, receipt = answers(shop, door)

    assert isinstance(inbound, Inbound) and isinstance(receipt, Receipt)
    assert (inbound.address, inbound.body, inbound.keyword_handled) == (ANA, "STOP", True)
    assert (receipt.status, receipt.channel) == (ReceiptStatus.UNSUBSCRIBED, ChannelName.SMS)


def test_the_merchants_own_keyword_unsubscribes_by_opt_out_type(shop: Shop, door: Door) -> None:
    own = shop.world.add_service(
        shop.account,
        sid=shop.service.sid,
        inbound_request_url=f"{PUBLIC}/callbacks/twilio",
        advanced_opt_out=True,
        keywords={"ADDIO": "STOP", "TORNO": "START"},
    )
    shop.world.reply(ANA, "Addio")
    shop.world.pump()
    inbound, stop = answers(shop, door)
    shop.world.reply(ANA, "torno")
    shop.world.pump()
    _, start = answers(shop, door)

    assert own.advanced_opt_out
    assert isinstance(inbound, Inbound) and inbound.keyword_handled
    assert isinstance(stop, Receipt) and stop.status is ReceiptStatus.UNSUBSCRIBED
    assert isinstance(start, Receipt) and start.status is ReceiptStatus.RESUBSCRIBED


def test_a_refusal_in_free_words_unsubscribes_though_twilio_misses_it(
    shop: Shop, door: Door
) -> None:
    shop.world.reply(ANA, "Non scrivetemi più")
    shop.world.pump()

    inbound, receipt = answers(shop, door)

    assert isinstance(inbound, Inbound) and not inbound.keyword_handled
    assert isinstance(receipt, Receipt) and receipt.status is ReceiptStatus.UNSUBSCRIBED


def test_stop_on_whatsapp_is_ours_to_understand(shop: Shop, door: Door) -> None:
    shop.world.reply(ANA, "stop", channel="whatsapp")
    shop.world.pump()

    inbound, receipt = answers(shop, door)

    assert isinstance(inbound, Inbound) and isinstance(receipt, Receipt)
    assert (inbound.channel, inbound.address) == (ChannelName.WHATSAPP, ANA)
    assert not inbound.keyword_handled
    assert receipt.channel is ChannelName.WHATSAPP


def test_a_stop_to_a_rich_text_ends_sms(shop: Shop) -> None:
    form = {"MessageSid": "SM1", "From": f"rcs:{ANA}", "Body": "STOP", "OptOutType": "STOP"}

    inbound, receipt = shop.channel.read_callback(signed(shop, form))

    assert isinstance(receipt, Receipt)
    assert (inbound.address, receipt.channel) == (ANA, ChannelName.SMS)


def test_a_question_is_an_answer_and_no_choice(shop: Shop, door: Door) -> None:
    shop.world.reply(ANA, "Quando arriva?")
    shop.world.pump()

    [inbound] = answers(shop, door)

    assert isinstance(inbound, Inbound)
    assert inbound.body == "Quando arriva?"


def test_a_receipt_of_a_blocked_sender_says_opt_out(shop: Shop, door: Door) -> None:
    shop.world.mark(ANA, 30004)
    shop.channel.send(shop.message())
    shop.world.pump()

    assert receipts(shop, door)[-1].advice is Advice.OPT_OUT


def test_a_phone_out_of_reach_may_be_tried_later_and_says_when(shop: Shop, door: Door) -> None:
    shop.world.mark(ANA, 30003)
    shop.channel.send(shop.message())

    shop.world.pump()

    last = receipts(shop, door)[-1]
    assert (last.status, last.code) == (ReceiptStatus.UNDELIVERED, "30003")
    assert (last.advice, last.retry_after) == (Advice.TRY_LATER, 6 * 3600)
