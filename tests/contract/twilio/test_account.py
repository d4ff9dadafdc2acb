"""The rest of the account: its health, its consent list, and forgetting a person."""

from decimal import Decimal

import pytest

from app.channels import ChannelName
from app.channels.twilio import Twilio, TwilioCredentials
from app.errors import AccessLost, Unreachable
from app.sandbox.server import Fault
from tests.contract.twilio.conftest import ANA, Shop


def credentials(shop: Shop, **changes: str) -> TwilioCredentials:
    right = {
        "account_sid": shop.account.sid,
        "auth_token": shop.account.token,
        "messaging_service_sid": shop.service.sid,
    }
    return TwilioCredentials(**right | changes)


def test_a_healthy_account_names_its_messaging_service(shop: Shop) -> None:
    health = shop.channel.test()

    assert health.ok
    assert "Naturale" in health.sentence


@pytest.mark.parametrize(
    ("told", "known"), [("3.2041", (Decimal("3.2041"), "USD")), ("-0.5", (Decimal("-0.5"), "USD"))]
)
def test_what_an_account_has_left_is_told_with_its_health(
    shop: Shop, told: str, known: tuple[Decimal, str]
) -> None:
    shop.account.balance = told

    assert shop.channel.test().balance == known


def test_a_subaccount_is_healthy_though_its_balance_is_not_told(shop: Shop) -> None:
    shop.account.balance = None

    health = shop.channel.test()

    assert (health.ok, health.balance) == (True, None)


def test_a_service_without_an_address_for_answers_is_told(shop: Shop) -> None:
    deaf = shop.world.add_service(shop.account)

    health = Twilio(
        credentials(shop, messaging_service_sid=deaf.sid), endpoint=shop.world.url
    ).test()

    assert health.ok
    assert "incoming" in health.sentence


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"auth_token": "wrong"}, "credentials"),
        ({"messaging_service_sid": "MG" + "0" * 32}, "Messaging Service"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    shop: Shop, changes: dict[str, str], hint: str
) -> None:
    health = Twilio(credentials(shop, **changes), endpoint=shop.world.url).test()

    assert not health.ok
    assert hint in health.sentence


def test_a_test_without_an_answer_says_so(shop: Shop) -> None:
    shop.world.fail(Fault(path="/v1/Services", status=503))

    assert not shop.channel.test().ok


def test_twilio_pushes_so_there_is_nothing_to_poll(shop: Shop) -> None:
    assert shop.channel.poll(None) is None


def test_an_opt_out_reaches_the_consent_list_where_there_is_one(shop: Shop) -> None:
    shop.world.open_consent_list()

    shop.channel.suppress(ChannelName.SMS, ANA)

    assert shop.world.books.consents is not None
    [kept] = shop.world.books.consents
    assert (kept["contact_id"], kept["status"]) == (ANA, "opt-out")
    assert kept["sender_id"] == shop.service.sid


def test_an_account_without_the_list_is_no_failure(shop: Shop) -> None:
    shop.channel.suppress(ChannelName.SMS, ANA)

    assert [method for _, method, _ in shop.world.requests] == ["POST"]


def test_whatsapp_has_no_list_to_tell(shop: Shop) -> None:
    shop.channel.suppress(ChannelName.WHATSAPP, ANA)

    assert shop.world.requests == []


@pytest.mark.parametrize("status", [429, 500])
def test_an_opt_out_that_did_not_get_through_is_tried_again_by_the_caller(
    shop: Shop, status: int
) -> None:
    shop.world.fail(Fault(path="/v1/Consents", status=status))

    with pytest.raises(Unreachable):
        shop.channel.suppress(ChannelName.SMS, ANA)


def test_an_opt_out_refused_inside_a_bulk_answer_is_tried_again_by_the_caller(shop: Shop) -> None:
    shop.world.open_consent_list(errors=[20001])

    with pytest.raises(Unreachable, match="20001"):
        shop.channel.suppress(ChannelName.SMS, ANA)
    shop.channel.suppress(ChannelName.SMS, ANA)

    assert [kept["contact_id"] for kept in shop.world.books.consents or ()] == [ANA]


def test_erasing_deletes_what_was_sent_to_a_person_and_nobody_elses(shop: Shop) -> None:
    template = shop.world.add_template("Ciao {{1}}")
    shop.channel.send(shop.message())
    shop.channel.send(
        shop.message(
            channel=ChannelName.WHATSAPP,
            template_key=template.sid,
            template_values={"1": "Ana"},
        )
    )
    shop.channel.send(shop.message(to="+393330000001"))
    shop.world.pump()

    shop.channel.erase(ANA)

    assert [text.number for text in shop.world.messages] == ["+393330000001"]


def test_erasing_deletes_what_a_person_wrote_too(shop: Shop) -> None:
    shop.world.reply(ANA, "Quando arriva?")
    shop.world.reply(ANA, "Ciao", channel="whatsapp")

    shop.channel.erase(ANA)

    assert shop.world.books.messages == []


def test_a_text_on_its_way_is_erased_at_a_later_try(shop: Shop) -> None:
    shop.channel.send(shop.message())
    with pytest.raises(Unreachable) as failure:
        shop.channel.erase(ANA)
    shop.world.pump()

    shop.channel.erase(ANA)

    assert failure.value.retry_after
    assert shop.world.messages == []


def test_erasing_with_dead_credentials_says_that_access_is_lost(shop: Shop) -> None:
    with pytest.raises(AccessLost):
        Twilio(credentials(shop, auth_token="no"), endpoint=shop.world.url).erase(ANA)
