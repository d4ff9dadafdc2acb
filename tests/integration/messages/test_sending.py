"""Sending: the right message, once, with its reason on record."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.channels import Advice, ChannelName, Refused
from app.crypto import Vault
from app.customers.changes import ChangeKind
from app.errors import AccessLost, Unreachable
from app.events import (
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerSeen,
    OrderStatus,
    Person,
)
from app.models import Store
from app.stores.credentials import Secret, save
from app.tenancy import store_transaction
from tests.fakes.town import ANA, Town


@pytest.mark.requirement(65, 111)
def test_a_due_reminder_goes_out_once_in_the_persons_language(town: Town) -> None:
    message_id = town.plan()

    town.send()
    town.send()

    assert [m.subject for m in town.mail.out] == ["Ana, il tuo carrello ti aspetta"]
    assert town.mail.out[0].to == "ana@example.com"
    assert town.reasons(message_id) == ["sent"]
    assert town.message(message_id).status == "accepted"
    assert town.message(message_id).basis == "opt_in"


def test_planning_a_step_twice_gives_the_same_message(town: Town) -> None:
    journey_id = town.journey()

    assert town.plan(journey_id) == town.plan(journey_id)


def test_nothing_is_sent_before_it_is_due(town: Town) -> None:
    town.plan(due_at=town.clock.moment + timedelta(minutes=1))

    assert town.send() == 0
    assert town.mail.calls == []


def test_the_unique_id_is_the_same_for_every_attempt(town: Town) -> None:
    town.mail.answers = [Refused(advice=Advice.RETRY, code="429", detail="Busy.", retry_after=90)]
    message_id = town.plan()

    town.send()
    assert town.message(message_id).due_at == town.clock.moment + timedelta(seconds=90)
    town.clock.advance(seconds=90)
    town.send()

    assert len({call.unique_id for call in town.mail.calls}) == 1
    assert len(town.mail.out) == 1
    assert town.reasons(message_id) == ["provider_busy", "sent"]


def test_links_in_a_mail_are_short_and_ours_but_the_way_out_is_direct(town: Town) -> None:
    town.plan()

    town.send()

    html = town.mail.out[0].html
    assert "https://comeback.example/l/" in html
    assert "https://comeback.example/u/" in html
    assert "https://shop.example/recover" not in html


def test_a_text_carries_its_parts_its_price_and_a_callback(town: Town) -> None:
    town.choose(sms_price_minor={"IT": 8})
    message_id = town.plan(channel=ChannelName.SMS)

    town.send()

    row = town.message(message_id)
    sent = town.phone.out[0]
    assert (row.segments, row.price_minor) == (1, 8)
    assert sent.callback_url == (
        f"https://comeback.example/callbacks/twilio/{town.store_id}?message={message_id}"
    )
    assert sent.valid_for_seconds == 8 * 3600  # From noon to 20:00 in Rome.


def test_whatsapp_goes_as_an_approved_template_or_not_at_all(town: Town) -> None:
    without = town.plan(channel=ChannelName.WHATSAPP)
    town.send()
    town.choose(whatsapp_templates={"cart-reminder.reminder": "HX1"})
    with_one = town.plan(channel=ChannelName.WHATSAPP, step="second")
    town.send()

    assert town.reasons(without) == ["template_error"]
    assert town.message(with_one).status == "accepted"
    assert town.phone.out[0].template_key == "HX1"
    assert town.phone.out[0].template_values["1"] == "Ana"


def test_a_template_error_holds_the_message_and_says_what_is_wrong(town: Town) -> None:
    message_id = town.plan(name="broken")

    town.send()

    assert town.mail.calls == []
    assert town.reasons(message_id) == ["template_error"]


# The truth, here and live at the shop.


def test_bought_with_another_address_before_the_reminder(town: Town) -> None:
    """The order has her telephone number, so the shop finds it by that."""
    message_id = town.plan()
    journey_id = town.message(message_id).journey_id
    other = Person(email="work@example.com", phone=ANA.phone)
    town.connections.fake_shop.orders = [town.order(person=other)]

    town.send()

    assert town.mail.calls == []
    assert town.reasons(message_id)[0] == "already_ordered"
    assert town.read_journey(journey_id).status == "exited"
    assert [change.kind for change in town.changes].count(ChangeKind.ORDER_PLACED) == 1


def test_bought_as_a_stranger_from_the_same_cart(town: Town) -> None:
    message_id = town.plan()
    stranger = Person(email="gift-for-mum@example.com")
    town.connections.fake_shop.orders = [town.order(person=stranger, cart_keys=("checkout-1",))]

    town.send()

    assert town.mail.calls == []
    assert town.reasons(message_id)[0] == "already_ordered"


def test_bought_while_the_send_was_being_claimed(town: Town) -> None:
    """The webhook arrives between the claim and the call; the shop's own list lags behind."""
    message_id = town.plan()
    order = town.order()

    def webhook_arrives() -> None:
        town.tell(order)

    town.connections.fake_shop.on_ask = webhook_arrives

    town.send()

    assert town.mail.calls == []
    assert town.reasons(message_id)[0] == "already_ordered"


def test_an_order_not_paid_yet_holds_the_reminder_but_not_the_journey(town: Town) -> None:
    message_id = town.plan()
    town.connections.fake_shop.orders = [town.order(status=OrderStatus.PENDING)]

    town.send()

    assert town.mail.calls == []
    assert town.message(message_id).status == "held"


def test_a_shop_out_of_reach_moves_the_message_by_default(town: Town) -> None:
    town.connections.fake_shop.problem = Unreachable("The shop did not answer.")
    message_id = town.plan()

    town.send()

    assert town.mail.calls == []
    assert town.reasons(message_id) == ["shop_unreachable"]
    town.connections.fake_shop.problem = None
    town.clock.advance(minutes=10)
    town.send()
    assert len(town.mail.out) == 1


def test_a_merchant_may_choose_to_send_when_the_shop_is_out_of_reach(town: Town) -> None:
    town.choose(sends_when_shop_is_unreachable=True)
    town.connections.fake_shop.problem = Unreachable("The shop did not answer.")
    town.plan()

    town.send()

    assert len(town.mail.out) == 1


def test_an_order_mail_asks_nothing_of_the_shop(town: Town) -> None:
    town.connections.fake_shop.problem = Unreachable("The shop did not answer.")
    town.plan(name="thanks", purpose="post_sale", commercial=False, context={})

    town.send()

    assert len(town.mail.out) == 1
    assert town.connections.fake_shop.asked == []


# Refusals by advice.


def refuse(town: Town, advice: Advice, channel: ChannelName = ChannelName.SMS) -> UUID:
    town.phone.answers = [Refused(advice=advice, code="1", detail="No.")]
    town.choose(whatsapp_templates={"cart-reminder.reminder": "HX1"})
    message_id = town.plan(channel=channel)
    town.send()
    return message_id


def test_a_provider_that_knows_of_an_opt_out_teaches_us(town: Town) -> None:
    message_id = refuse(town, Advice.OPT_OUT)

    assert town.reasons(message_id) == ["opted_out"]
    assert town.consent("sms") == ConsentState.UNSUBSCRIBED
    assert town.consent("email") == ConsentState.SUBSCRIBED
    again = town.plan(channel=ChannelName.SMS, step="second")
    town.send()
    assert town.reasons(again) == ["opted_out"]
    assert len(town.phone.calls) == 1


def test_a_dead_number_is_never_written_to_again(town: Town) -> None:
    message_id = refuse(town, Advice.BAD_ADDRESS)
    again = town.plan(channel=ChannelName.SMS, step="second")
    town.send()

    assert town.reasons(message_id) == ["bad_address"]
    assert town.reasons(again) == ["suppressed"]


def test_whatsapp_falls_back_to_a_text_for_who_agreed_to_texts(town: Town) -> None:
    message_id = refuse(town, Advice.TRY_OTHER, ChannelName.WHATSAPP)
    town.clock.advance(seconds=1)
    town.send()

    row = town.message(message_id)
    assert (row.channel, row.status) == ("sms", "accepted")
    assert town.reasons(message_id) == ["provider_refused", "sent"]


def test_a_refused_account_stops_the_channel_and_messages_wait(town: Town) -> None:
    with store_transaction(town.store_id) as session:
        values = {"account_sid": "AC1", "auth_token": "worn"}
        secret = Secret(kind="twilio", values=values)
        save(session, Vault(town.connections.config.keys), town.store_id, secret)
    message_id = refuse(town, Advice.STOP_STORE)

    assert town.reasons(message_id) == ["channel_broken"]
    assert town.message(message_id).status == "planned"
    town.clock.advance(minutes=30)
    town.send()
    assert len(town.phone.out) == 1


def test_a_refused_token_whose_place_another_takes_costs_a_minute(town: Town) -> None:
    message_id = refuse(town, Advice.STOP_STORE)

    assert town.reasons(message_id) == ["provider_busy"]
    town.clock.advance(minutes=1)
    town.send()
    assert len(town.phone.out) == 1


def test_a_request_of_ours_that_is_wrong_is_held(town: Town) -> None:
    message_id = refuse(town, Advice.OUR_BUG)

    assert town.message(message_id).status == "held"
    assert town.reasons(message_id) == ["provider_refused"]


def test_a_channel_that_is_not_connected_holds_with_its_reason(town: Town) -> None:
    del town.connections.channels[ChannelName.EMAIL]
    message_id = town.plan()

    town.send()

    assert town.reasons(message_id) == ["channel_not_connected"]


def test_a_connection_that_was_lost_makes_messages_wait(town: Town) -> None:
    town.connections.channel_problem = AccessLost("Connect Klaviyo again.")
    message_id = town.plan()

    town.send()

    assert town.reasons(message_id) == ["channel_broken"]
    assert town.message(message_id).status == "planned"


# Timing at the moment of the call.


def test_opted_out_by_a_choice_mid_journey(town: Town) -> None:
    first = town.plan(channel=ChannelName.SMS)
    town.send()
    town.tell(
        ConsentChanged(
            person=ANA,
            channel=ConsentChannel.SMS,
            state=ConsentState.UNSUBSCRIBED,
            source="twilio",
            updated_at=town.clock.moment,
        )
    )
    town.clock.advance(days=2)
    second = town.plan(channel=ChannelName.SMS, step="second")
    town.send()

    assert town.reasons(first) == ["sent"]
    assert town.reasons(second) == ["opted_out"]


def test_two_messages_of_one_evening_the_second_moves_a_day(town: Town) -> None:
    first = town.plan()
    second = town.plan(town.journey("welcome"), purpose="welcome")

    town.send()

    statuses = sorted([town.message(first).status, town.message(second).status])
    moved = first if town.message(first).status == "planned" else second
    assert statuses == ["accepted", "planned"]
    assert town.reasons(moved) == ["frequency_cap"]
    assert town.message(moved).due_at == town.clock.moment + timedelta(hours=23)


def test_the_senders_bucket_moves_texts_by_seconds(town: Town) -> None:
    town.choose(
        sms_segments_per_second=0.05,
        caps={"sms_per_day": 24, "sms_per_week": 99, "promotional_per_day": 24},
    )
    ids = [town.plan(channel=ChannelName.SMS, step=f"s{n}") for n in range(2)]

    town.send()

    assert len(town.phone.out) == 1
    moved = next(i for i in ids if town.message(i).status == "planned")
    assert town.reasons(moved) == ["sender_busy"]
    assert town.message(moved).due_at == town.clock.moment + timedelta(seconds=20)


def test_a_store_that_left_sends_nothing(town: Town) -> None:
    message_id = town.plan()
    with store_transaction(town.store_id) as session:
        session.get_one(Store, town.store_id).status = "uninstalled"

    town.send()

    assert town.mail.calls == []
    assert town.reasons(message_id)[0] == "store_gone"


@pytest.mark.parametrize(("names", "reason"), [([], "no_consent"), (["cart"], "sent")])
def test_a_cart_text_to_the_us_needs_an_opt_in_whose_wording_names_carts(
    town: Town, names: list[str], reason: str
) -> None:
    town.choose(sms_consent_names=names)
    town.at("2026-03-02T18:00:00+00:00")
    town.fill_cart()
    town.clock.advance(minutes=1)
    american = Person(platform_key="77", country="US", phone="+12125550123")
    town.tell(
        CustomerSeen(person=american, updated_at=town.clock.moment),
        ConsentChanged(
            person=american,
            channel=ConsentChannel.SMS,
            state=ConsentState.SUBSCRIBED,
            source="shopify",
            updated_at=town.clock.moment,
        ),
    )
    message_id = town.plan(channel=ChannelName.SMS)

    town.send()

    assert town.reasons(message_id) == [reason]


@pytest.mark.parametrize(
    ("variant", "subject"), [("short", "Grazie mille"), ("original", "Grazie"), (None, "Grazie")]
)
def test_a_variant_s_own_words_take_the_place_of_the_message_s(
    town: Town, variant: str | None, subject: str
) -> None:
    message_id = town.plan(name="thanks", purpose="post_sale", variant=variant, commercial=False)

    town.send()

    message = town.message(message_id)
    assert (message.status, message.subject) == ("accepted", subject)
    assert "Grazie per l'ordine" in (message.body or "")
