"""A store's system webhook at Klaviyo: one secret, sealed, that proves the callbacks it signs."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select

from app.channels import CallbackRequest, ChannelName
from app.channels.klaviyo import KlaviyoPush
from app.channels.klaviyo.push import Push
from app.config import Config
from app.errors import BadSignature
from app.models import Credential
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.stores import pushing
from app.stores.connections import Connections
from app.stores.credentials import Secret
from app.stores.install import save_channel
from app.tenancy import store_transaction
from tests.conftest import Clock


@pytest.fixture
def world(clock: Clock) -> Iterator[KlaviyoWorld]:
    service = KlaviyoWorld()
    service.start()
    yield service
    service.stop()


@pytest.fixture
def account(world: KlaviyoWorld) -> Account:
    account = world.add_account("Erbe Buone", private_key="pk_sandbox")
    account.has_webhooks = True
    return account


@pytest.fixture
def connections(
    config: Config, world: KlaviyoWorld, account: Account, store_id: UUID
) -> Connections:
    save_channel(config, store_id, Secret(kind="klaviyo", values={"private_key": "pk_sandbox"}))
    return Connections(config.model_copy(update={"klaviyo_endpoint": world.url}))


def started(connections: Connections, store_id: UUID) -> Push:
    push = push_of(connections, store_id)
    found = pushing.look(connections.config, store_id, push)
    return pushing.start(connections.config, store_id, push, found).push


def push_of(connections: Connections, store_id: UUID) -> KlaviyoPush:
    push = connections.klaviyo_push(store_id)
    assert push is not None
    return push


def believes(connections: Connections, store_id: UUID, world: KlaviyoWorld, secret: str) -> bool:
    """Whether a callback signed with `secret` is taken for Klaviyo's."""
    channel = connections.channel(store_id, ChannelName.EMAIL)
    signed = world.signed_callback(next(iter(world.by_key.values())), secret=secret)
    request = CallbackRequest(url="", headers=signed.headers, form={}, body=signed.body)
    assert channel is not None
    try:
        channel.read_callback(request)
    except BadSignature:
        return False
    return True


def test_klaviyo_is_given_our_address_and_a_secret_that_we_keep_sealed(
    connections: Connections, store_id: UUID, world: KlaviyoWorld, account: Account
) -> None:
    assert started(connections, store_id) is Push.THERE

    (webhook,) = account.webhooks
    assert webhook.url == f"https://comeback.example/callbacks/klaviyo/{store_id}"
    assert len(webhook.secret) == 64
    assert believes(connections, store_id, world, webhook.secret)
    with store_transaction(store_id) as session:
        kept = session.scalars(select(Credential.sealed).where(Credential.kind == pushing.KIND))
        assert webhook.secret.encode() not in kept.one()


def test_the_secret_is_made_once_and_outlives_a_new_key(
    connections: Connections, store_id: UUID, world: KlaviyoWorld, account: Account, config: Config
) -> None:
    started(connections, store_id)
    secret = account.webhooks[0].secret
    world.private_keys["pk_new"] = account.key
    save_channel(config, store_id, Secret(kind="klaviyo", values={"private_key": "pk_new"}))

    started(connections, store_id)

    assert [webhook.secret for webhook in account.webhooks] == [secret]
    assert believes(connections, store_id, world, secret)


def test_a_webhook_whose_secret_we_have_lost_is_put_right(
    connections: Connections, store_id: UUID, world: KlaviyoWorld, account: Account
) -> None:
    started(connections, store_id)
    with store_transaction(store_id) as session:
        session.delete(session.get_one(Credential, (store_id, pushing.KIND)))

    push = push_of(connections, store_id)
    assert pushing.look(connections.config, store_id, push).push is Push.MISSING
    started(connections, store_id)

    (webhook,) = account.webhooks
    assert believes(connections, store_id, world, webhook.secret)


def test_a_secret_the_merchant_gave_counts_beside_ours(
    connections: Connections, store_id: UUID, world: KlaviyoWorld, account: Account
) -> None:
    pushing.keep_secret(connections.config, store_id, pushing.GIVEN, "made-by-the-merchant")
    started(connections, store_id)

    for secret in ("made-by-the-merchant", account.webhooks[0].secret):
        assert believes(connections, store_id, world, secret)
    assert not believes(connections, store_id, world, "somebody-else-s-secret")


def test_an_account_without_webhooks_keeps_working_by_the_poll(
    connections: Connections, store_id: UUID, account: Account
) -> None:
    account.has_webhooks = False

    push = push_of(connections, store_id)

    assert pushing.look(connections.config, store_id, push).push is Push.UNAVAILABLE
    channel = connections.channel(store_id, ChannelName.EMAIL)
    assert channel is not None
    assert channel.poll(None) is not None
