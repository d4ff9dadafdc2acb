"""The set-up page makes Klaviyo's webhook after consent, and what it sends is taken at our door."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.config import Config
from app.models import ReceiptEntry
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.stores.credentials import Secret
from app.stores.install import save_channel
from app.tenancy import store_transaction
from app.web.limits import limiter
from tests.conftest import Clock, Machine
from tests.web.conftest import PUBLIC, post
from tests.web.reading import read
from tests.web.whole import whole_app

SETUP = "/channels/klaviyo/setup"
AGREED = {"test_address": "me@erbe.example", "agreed": "yes"}


@pytest.fixture
def klaviyo(clock: Clock) -> Iterator[KlaviyoWorld]:
    world = KlaviyoWorld()
    world.start()
    yield world
    world.stop()


@pytest.fixture
def account(klaviyo: KlaviyoWorld) -> Account:
    account = klaviyo.add_account("Erbe Buone", private_key="pk_right")
    account.has_webhooks = True
    return account


@pytest.fixture
def app(config: Config, database: Machine, klaviyo: KlaviyoWorld) -> Flask:
    built = whole_app(config.model_copy(update={"klaviyo_endpoint": klaviyo.url}))
    limiter.reset()
    return built


@pytest.fixture
def browser(browser: FlaskClient, account: Account, config: Config, store_id: UUID) -> FlaskClient:
    save_channel(config, store_id, Secret(kind="klaviyo", values={"private_key": "pk_right"}))
    return browser


def test_a_webhook_is_made_with_the_rest_and_only_after_consent(
    browser: FlaskClient, account: Account
) -> None:
    assert "A webhook in your account would be made too" in read(browser, SETUP)
    refused = post(browser, SETUP, {"test_address": "me@erbe.example"}, page=SETUP)
    assert (refused.status_code, account.webhooks) == (422, [])

    made = post(browser, SETUP, {**AGREED}, page=SETUP).text

    assert len(account.webhooks) == 1
    assert "Klaviyo tells us at once" in made
    assert "Set the flows live" in made


def test_where_only_the_webhook_is_missing_it_can_still_be_made(
    browser: FlaskClient, account: Account
) -> None:
    account.has_webhooks = False
    without = post(browser, SETUP, {**AGREED}, page=SETUP).text
    assert "This account gives no system webhooks" in without
    account.has_webhooks = True

    assert "as drafts: 1" in read(browser, SETUP)
    post(browser, SETUP, {**AGREED}, page=SETUP)

    assert len(account.webhooks) == 1


def test_what_the_webhook_tells_is_taken_once(
    browser: FlaskClient,
    client: FlaskClient,
    klaviyo: KlaviyoWorld,
    account: Account,
    store_id: UUID,
) -> None:
    post(browser, SETUP, {**AGREED}, page=SETUP)
    (webhook,) = account.webhooks
    account.opt_out(account.profile({"email": "ana@example.com"}))
    signed = klaviyo.signed_callback(account, secret=webhook.secret)
    path = webhook.url.removeprefix(PUBLIC)

    def told(headers: dict[str, str]) -> int:
        return client.post(path, base_url=PUBLIC, headers=headers, data=signed.body).status_code

    forged = {**signed.headers, "klaviyo-signature": "0" * 64}

    assert [told(signed.headers), told(signed.headers), told(forged)] == [200, 200, 401]
    with store_transaction(store_id) as session:
        assert session.scalar(select(func.count()).select_from(ReceiptEntry)) == 1
