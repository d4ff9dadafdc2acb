"""A shop on loopback, our adapter connected to it, and somebody who takes its webhooks."""

from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from werkzeug.wrappers import Request, Response

from app.platforms import Delivery, ShopFacts
from app.platforms.woocommerce import Access, WooCommerceShop
from app.sandbox.server import Service
from app.sandbox.woocommerce import Settings, WooWorld
from tests.conftest import Clock


class Receiver(Service):
    """Keeps what arrives and answers `status`."""

    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("POST", "/hook", "take"),
        ("POST", "/keys", "take"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.taken: list[Delivery] = []
        self.when_taken: Callable[[bytes], None] = lambda body: None

    def take(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.taken.append(Delivery(headers=headers, body=request.get_data()))
        self.when_taken(request.get_data())
        return Response(status=self.status)

    @property
    def topics(self) -> list[str]:
        return [d.headers.get("x-wc-webhook-topic", "ping") for d in self.taken]


def shop_of(world: WooWorld, **key: str) -> WooCommerceShop:
    """Our adapter with the world's own key, or another."""
    access = Access(
        url=world.url,
        consumer_key=key.get("consumer_key", world.key.consumer_key),
        consumer_secret=key.get("consumer_secret", world.key.consumer_secret),
        allow_private=True,
    )
    settings = world.site.settings
    facts = ShopFacts(currency=settings.currency, timezone=settings.timezone, domain="shop.example")
    return WooCommerceShop(access, facts)


def running(settings: Settings | None = None) -> Iterator[WooWorld]:
    world = WooWorld(settings)
    world.start()
    yield world
    world.stop()


@pytest.fixture
def world(clock: Clock) -> Iterator[WooWorld]:
    yield from running()


@pytest.fixture
def shop(world: WooWorld) -> WooCommerceShop:
    return shop_of(world)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    service = Receiver()
    service.start()
    yield service
    service.stop()
