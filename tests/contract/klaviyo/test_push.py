"""The one system webhook that the set-up makes, where the account has them."""

from dataclasses import replace

import pytest

from app.channels.klaviyo import KlaviyoCredentials, KlaviyoPush
from app.channels.klaviyo.push import Found, Push
from app.channels.klaviyo.receipts import TOPICS
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.klaviyo_wire import Problem
from app.sandbox.server import Fault
from tests.contract.klaviyo.conftest import CREDENTIALS

SECRET = "a-secret-of-ours-that-is-long"
URL = "https://comeback.example/callbacks/klaviyo/shop-1"


@pytest.fixture
def account(world: KlaviyoWorld) -> Account:
    made = world.add_account("Erbe Buone", private_key="pk_sandbox")
    made.has_webhooks = True
    return made


@pytest.fixture
def push(world: KlaviyoWorld, account: Account) -> KlaviyoPush:
    return KlaviyoPush(CREDENTIALS, world.url, name="Comeback shop-1", url=URL)


def test_looking_changes_nothing(world: KlaviyoWorld, account: Account, push: KlaviyoPush) -> None:
    assert push.look() == Found(push=Push.MISSING)

    assert {request.method for request in world.journal} == {"GET"}
    assert account.webhooks == []


def test_one_webhook_is_made_with_the_topics_we_read_and_our_secret(
    account: Account, push: KlaviyoPush
) -> None:
    made = push.start(push.look(), SECRET)

    (webhook,) = account.webhooks
    assert made == Found(push=Push.THERE, webhook_id=webhook.key)
    assert (webhook.url, webhook.secret, set(webhook.topics)) == (URL, SECRET, set(TOPICS))
    assert push.look() == made


def test_it_is_found_before_another_is_made(account: Account, push: KlaviyoPush) -> None:
    push.start(push.look(), SECRET)

    push.start(push.look(), "another-secret-of-ours")

    assert [webhook.secret for webhook in account.webhooks] == ["another-secret-of-ours"]


def test_a_lost_answer_makes_no_second_one(
    world: KlaviyoWorld, account: Account, push: KlaviyoPush
) -> None:
    world.fail(Fault(path="/api/webhooks", method="POST", status=500, after=True))

    lost = push.start(push.look(), SECRET)
    push.start(push.look(), SECRET)

    assert lost.push is Push.LATER
    assert len(account.webhooks) == 1


def test_another_store_s_webhook_in_the_same_account_is_left_alone(
    world: KlaviyoWorld, account: Account, push: KlaviyoPush
) -> None:
    other = KlaviyoPush(CREDENTIALS, world.url, name="Comeback shop-2", url=URL + "x")
    push.start(push.look(), SECRET)

    other.start(other.look(), "the-other-store-s-secret")

    assert [webhook.name for webhook in account.webhooks] == ["Comeback shop-1", "Comeback shop-2"]
    assert account.webhooks[0].secret == SECRET


def test_one_that_klaviyo_has_switched_off_is_switched_on_again(
    account: Account, push: KlaviyoPush
) -> None:
    push.start(push.look(), SECRET)
    account.webhooks[0].enabled = False

    found = push.look()
    push.start(found, SECRET)

    assert found.push is Push.MISSING
    assert [webhook.enabled for webhook in account.webhooks] == [True]


def test_an_account_without_the_feature_is_told_apart_and_nothing_is_raised(
    account: Account, push: KlaviyoPush
) -> None:
    account.has_webhooks = False

    assert push.look() == Found(push=Push.UNAVAILABLE)
    assert push.start(Found(push=Push.MISSING), SECRET) == Found(push=Push.UNAVAILABLE)


def test_what_klaviyo_says_against_it_is_told(
    world: KlaviyoWorld, account: Account, push: KlaviyoPush
) -> None:
    full = Problem(400, "invalid", "You have as many webhooks as you may.")
    world.refuse("/api/webhooks", full, method="POST")

    told = push.start(push.look(), SECRET)

    assert told.push is Push.UNAVAILABLE
    assert "as many webhooks as you may" in told.detail


def test_a_rate_limit_is_no_answer(world: KlaviyoWorld, push: KlaviyoPush) -> None:
    world.limit("/api/webhooks", retry_after=1)

    assert push.look() == Found(push=Push.LATER)


def test_an_address_klaviyo_would_not_call_is_not_tried(
    world: KlaviyoWorld, account: Account
) -> None:
    plain = KlaviyoPush(CREDENTIALS, world.url, name="x", url="http://127.0.0.1/callbacks")

    assert plain.look() == Found(push=Push.NEEDS_HTTPS)
    assert world.journal == []


def test_a_key_that_is_refused_is_no_crash(world: KlaviyoWorld, account: Account) -> None:
    wrong = replace(CREDENTIALS, private_key="pk_wrong")
    assert isinstance(wrong, KlaviyoCredentials)

    found = KlaviyoPush(wrong, world.url, name="x", url=URL).look()

    assert found.push is Push.UNAVAILABLE
