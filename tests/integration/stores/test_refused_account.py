"""A provider refuses the whole account: whose fault that is, and who hears of it. Klaviyo over
HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from app import clock as app_clock
from app.channels import Accepted, Channel, ChannelName, OutgoingMessage, Refused
from app.channels.klaviyo import oauth
from app.config import Config
from app.crypto import Vault
from app.errors import AccessLost
from app.events import Person
from app.models import Notice
from app.sandbox.klaviyo import KlaviyoWorld
from app.sandbox.klaviyo_wire import Problem
from app.stores.adapters import klaviyo_secret
from app.stores.connections import Connections
from app.stores.credentials import Secret, load, save
from app.tenancy import store_transaction
from tests.conftest import Clock

KEY = "pk_sandbox"
BACK = "https://comeback.example/klaviyo/callback"
VERIFIER = "v" * 43


@dataclass
class Office:
    """A store whose Klaviyo is reached by a key, or by a pair of tokens."""

    world: KlaviyoWorld
    config: Config
    store_id: UUID

    def give(self, secret: Secret) -> None:
        with store_transaction(self.store_id) as session:
            save(session, Vault(self.config.keys), self.store_id, secret)

    def sign_in(self) -> None:
        agreed = httpx.get(oauth.authorize_url(self.config, "signed-state", VERIFIER, BACK))
        code = parse_qs(urlsplit(agreed.headers["location"]).query)["code"][0]
        self.give(klaviyo_secret(oauth.exchange(self.config, code, VERIFIER, BACK)))

    def channel(self) -> Channel:
        channel = Connections(self.config).channel(self.store_id, ChannelName.EMAIL)
        assert channel is not None
        return channel

    def refuse(self) -> None:
        self.world.refuse("/api/events", Problem(401, "not_authenticated", "Wrong key."))

    def broken(self) -> str | None:
        with store_transaction(self.store_id) as session:
            secret = load(session, Vault(self.config.keys), self.store_id, "klaviyo")
        assert secret is not None
        return secret.broken_reason

    def notices(self) -> list[str]:
        with store_transaction(self.store_id) as session:
            return list(session.scalars(select(Notice.kind)))


@pytest.fixture
def office(clock: Clock, config: Config, store_id: UUID) -> Iterator[Office]:
    world = KlaviyoWorld()
    world.start()
    world.add_account("Erbe Buone", private_key=KEY)
    world.sign_in.apps[config.klaviyo_client_id] = config.klaviyo_client_secret
    yield Office(world, config.model_copy(update={"klaviyo_endpoint": world.url}), store_id)
    world.stop()


def reminder(store_id: UUID) -> OutgoingMessage:
    message_id = uuid4()
    return OutgoingMessage(
        message_id=message_id,
        store_id=store_id,
        unique_id=f"{message_id}:email",
        channel=ChannelName.EMAIL,
        to="ana@example.com",
        person=Person(email="ana@example.com"),
        flow="cart",
        commercial=True,
        locale="it",
        subject="L'hai dimenticato?",
        preview="",
        body="Il tuo carrello",
        html="<p>Il tuo carrello</p>",
        planned_at=app_clock.now(),
    )


def test_a_refused_key_is_lost_and_the_merchant_hears_of_it(office: Office) -> None:
    office.give(Secret(kind="klaviyo", values={"private_key": KEY}))
    office.refuse()

    assert isinstance(office.channel().send(reminder(office.store_id)), Refused)

    assert "Wrong key." in (office.broken() or "")
    assert office.notices() == ["channel_broken"]
    with pytest.raises(AccessLost):
        office.channel()


def test_a_key_that_took_the_refused_ones_place_is_not_taken_for_it(
    office: Office, clock: Clock
) -> None:
    office.give(Secret(kind="klaviyo", values={"private_key": "pk_revoked"}))
    under_way = office.channel()
    clock.advance(seconds=1)
    office.give(Secret(kind="klaviyo", values={"private_key": KEY}))

    assert isinstance(under_way.send(reminder(office.store_id)), Refused)

    assert (office.broken(), office.notices()) == (None, [])
    assert isinstance(office.channel().send(reminder(office.store_id)), Accepted)


def test_a_refused_token_is_renewed_before_it_is_given_up(office: Office, clock: Clock) -> None:
    office.sign_in()
    clock.advance(minutes=5)
    office.refuse()

    assert isinstance(office.channel().send(reminder(office.store_id)), Refused)
    assert (office.broken(), office.notices()) == (None, [])

    assert isinstance(office.channel().send(reminder(office.store_id)), Accepted)


def test_a_token_that_has_just_been_renewed_and_is_refused_is_lost(
    office: Office, clock: Clock
) -> None:
    office.sign_in()
    clock.advance(minutes=5)
    for _ in range(2):
        office.refuse()
        assert isinstance(office.channel().send(reminder(office.store_id)), Refused)

    assert office.broken() is not None
    assert office.notices() == ["channel_broken"]
