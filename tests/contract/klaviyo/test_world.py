"""The sandbox itself: what it lets through and what it silently keeps back, as Klaviyo does."""

import httpx
import pytest

from app.channels import ReceiptStatus
from app.channels.klaviyo import FlowWish, Klaviyo, KlaviyoSetup
from app.sandbox.klaviyo import Account, KlaviyoWorld
from tests.conftest import Clock
from tests.contract.klaviyo.conftest import MakeMessage


@pytest.mark.usefixtures("live_cart")
def test_the_link_in_a_mail_unsubscribes(
    world: KlaviyoWorld, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    klaviyo.send(message())
    (mail,) = world.emails_to("ana@example.com")

    assert httpx.post(mail.unsubscribe_url).status_code == 200

    klaviyo.send(message())
    assert len(world.emails_to("ana@example.com")) == 1
    page = klaviyo.poll(None)
    assert page is not None
    assert ReceiptStatus.UNSUBSCRIBED in {receipt.status for receipt in page.receipts}


@pytest.mark.usefixtures("live_cart")
def test_a_dead_address_bounces_once_and_is_then_suppressed(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    account.bad_addresses.add("ana@example.com")

    klaviyo.send(message())
    klaviyo.send(message())

    assert world.emails_to("ana@example.com") == []
    assert account.skipped == [("ana@example.com", "suppressed")]
    page = klaviyo.poll(None)
    assert page is not None
    assert [receipt.status for receipt in page.receipts] == [ReceiptStatus.BOUNCED]


def test_a_draft_flow_sends_nothing(
    world: KlaviyoWorld, klaviyo: Klaviyo, setup: KlaviyoSetup, message: MakeMessage
) -> None:
    setup.apply([FlowWish(slug="cart")], "test@erbe.example")

    klaviyo.send(message())

    assert world.emails_to("ana@example.com") == []


@pytest.mark.usefixtures("live_cart")
def test_smart_sending_loses_a_second_mail_within_sixteen_hours(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, message: MakeMessage, clock: Clock
) -> None:
    account.flows[0].message["smart_sending_enabled"] = True

    klaviyo.send(message())
    klaviyo.send(message())
    clock.advance(hours=16)
    klaviyo.send(message())

    assert len(world.emails_to("ana@example.com")) == 2
    assert account.skipped == [("ana@example.com", "smart sending")]


@pytest.mark.usefixtures("live_cart")
def test_a_template_with_an_unknown_word_sends_nothing(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    account.templates[0].html += "{% coupon_code 'X' %}"

    klaviyo.send(message())

    assert world.emails_to("ana@example.com") == []
    assert account.skipped == [("ana@example.com", "template error")]


def test_a_transactional_flow_reaches_someone_who_opted_out_of_marketing(
    world: KlaviyoWorld,
    account: Account,
    klaviyo: Klaviyo,
    setup: KlaviyoSetup,
    message: MakeMessage,
) -> None:
    made = setup.apply(
        [FlowWish(slug="receipt-service", transactional=True)], "test@erbe.example"
    ).made
    setup.set_live([str(piece.provider_id) for piece in made if piece.kind == "flow"])
    account.opt_out(account.profile({"email": "ana@example.com"}))

    klaviyo.send(message(flow="receipt", commercial=False))

    assert len(world.emails_to("ana@example.com")) == 1


def test_two_accounts_know_nothing_of_each_other(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    other = world.add_account("Altra Bottega", private_key="pk_other")

    klaviyo.send(message())

    assert (other.profiles, other.metrics, other.events) == ({}, {}, [])
    assert world.emails_to("ana@example.com")[0].account_key != other.key


@pytest.mark.usefixtures("account")
def test_a_call_without_a_key_or_a_revision_is_refused(world: KlaviyoWorld) -> None:
    signed = {"Authorization": "Klaviyo-API-Key pk_sandbox"}

    assert httpx.get(world.url + "/api/metrics").status_code == 401
    assert httpx.get(world.url + "/api/metrics", headers=signed).status_code == 400
