"""Two workers at one shop: who is refused because the other has just renewed the token waits, and
the connection is not taken for broken. Two real sessions, and Shopify over HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from uuid import UUID

import pytest
from werkzeug.wrappers import Request

from app import clock as app_clock
from app.config import Config
from app.crypto import Vault
from app.errors import AccessLost, Unreachable
from app.events import Person
from app.platforms import Found, Question, Shop
from app.platforms.shopify import tokens
from app.sandbox.server import Fault
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from app.stores.adapters import shopify_secret
from app.stores.connections import Connections
from app.stores.credentials import load, save
from app.tenancy import store_transaction
from tests.conftest import Clock, MakeStore

TOKENS = "/admin/oauth/access_token"
PATIENCE = 20.0


@pytest.fixture
def world(clock: Clock) -> Iterator[ShopifyWorld]:
    shopify = ShopifyWorld(hook_url="http://127.0.0.1:9/nobody")
    shopify.start()
    yield shopify
    shopify.stop()
    shopify.office.close()


@dataclass
class Door:
    """A shop that ends a token with its renewal, and two workers who know the same token."""

    world: ShopifyWorld
    sandbox: SandboxShop
    config: Config
    store_id: UUID

    def worker(self) -> Connections:
        return Connections(self.config)

    def broken(self) -> str | None:
        with store_transaction(self.store_id) as session:
            secret = load(session, Vault(self.config.keys), self.store_id, "shop")
        assert secret is not None
        return secret.broken_reason

    @contextmanager
    def renewing(self) -> Iterator[Event]:
        """The first worker's renewal is done at the shop; its answer waits until the event."""
        done, answer = Event(), Event()

        def hold(request: Request, answered: bool) -> None:
            if answered and request.path == TOKENS and not done.is_set():
                done.set()
                assert answer.wait(PATIENCE)

        self.world.overheard = hold
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(lambda: asks(self.worker().shop(self.store_id)))
            assert done.wait(PATIENCE)
            try:
                yield answer
            finally:
                answer.set()
                self.world.overheard = lambda request, answered: None
                assert first.result(PATIENCE) == []


@pytest.fixture
def door(world: ShopifyWorld, config: Config, make_store: MakeStore, clock: Clock) -> Door:
    shop = world.add_shop("officina.myshopify.com", "EUR", "Europe/Rome")
    world.install(shop)
    shop.doorman.ends_the_old = True
    known = {
        "shopify_api_key": world.api_key,
        "shopify_api_secret": world.api_secret,
        "shopify_endpoint": world.url,
    }
    config = config.model_copy(update=known)
    store_id = make_store(domain=shop.domain, url=f"https://{shop.domain}")
    pair = tokens.exchange(config, shop.domain, world.id_token(shop))
    with store_transaction(store_id) as session:
        save(session, Vault(config.keys), store_id, shopify_secret(pair))
    clock.advance(minutes=56)
    return Door(world, shop, config, store_id)


def asks(shop: Shop) -> Found:
    """The look before a send."""
    ana = Person(email="ana@example.com")
    (found,) = shop.find_orders([Question(people=[ana], cart_keys=[], since=app_clock.now())])
    return found


def test_who_is_refused_while_another_renews_waits_and_then_gets_in(door: Door) -> None:
    second = door.worker()

    with door.renewing() as answer:
        refused = asks(second.shop(door.store_id))
        with pytest.raises(Unreachable, match="refreshed by another"):
            second.shop(door.store_id)
        answer.set()

    assert isinstance(refused, AccessLost)
    assert door.broken() is None
    assert asks(second.shop(door.store_id)) == []


@pytest.mark.parametrize("ahead", [-200, -30, 0.001, 30, 59])
def test_a_call_that_the_renewal_overtakes_breaks_nothing(
    door: Door, clock: Clock, ahead: float
) -> None:
    """Also for a worker whose clock is not that of the one who renews, nor that of the shop."""
    with door.renewing():
        clock.advance(seconds=ahead)
        under_way = door.worker().shop(door.store_id)
        clock.advance(seconds=-ahead)
    clock.advance(seconds=ahead)
    at_the_shop = {False: -ahead, True: ahead}
    door.world.overheard = lambda _, answered: clock.advance(seconds=at_the_shop[answered])

    refused = asks(under_way)

    assert isinstance(refused, AccessLost)
    assert door.broken() is None
    assert asks(door.worker().shop(door.store_id)) == []


def test_a_renewal_whose_answer_is_lost_keeps_the_other_out_for_a_moment_only(
    door: Door, clock: Clock
) -> None:
    door.world.fail(Fault(path=TOKENS, method="POST", after=True, hang_up=True))
    first, second = door.worker(), door.worker()
    with pytest.raises(Unreachable):
        first.shop(door.store_id)

    renewed = second.shop(door.store_id)

    assert asks(renewed) == []
    assert door.broken() is None
