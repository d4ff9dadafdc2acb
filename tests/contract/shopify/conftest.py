"""A sandboxed Shopify on loopback, one shop in it, and our adapter speaking HTTP to both."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.config import Config
from app.platforms import Delivery
from app.platforms.shopify.graphql import GraphQL
from app.platforms.shopify.shop import ShopifyShop
from app.platforms.shopify.tokens import TokenPair, exchange
from app.platforms.shopify.transport import Transport
from app.sandbox.shopify import SandboxShop, ShopifyWorld


class Door:
    """Where webhooks arrive. It answers with `statuses`, then with 200 for ever."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.statuses: list[int] = []
        self.url = ""

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.deliveries.append(Delivery(headers=headers, body=body))
        return self.statuses.pop(0) if self.statuses else 200


@pytest.fixture(scope="session")
def _opened_door() -> Iterator[Door]:
    opened = Door()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(opened.take(headers, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The tests read what came, not the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    opened.url = f"http://127.0.0.1:{server.server_port}/webhooks/shopify"
    yield opened
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def _running_world(_opened_door: Door) -> Iterator[ShopifyWorld]:
    shopify = ShopifyWorld(hook_url=_opened_door.url)
    shopify.start()
    yield shopify
    shopify.stop()
    shopify.office.close()


@pytest.fixture
def door(_opened_door: Door) -> Door:
    _opened_door.deliveries.clear()
    _opened_door.statuses.clear()
    return _opened_door


@pytest.fixture
def world(clock: object, door: Door, _running_world: ShopifyWorld) -> ShopifyWorld:
    """One server for all tests, because stopping one takes half a second; empty for each."""
    _running_world.reset()
    return _running_world


@pytest.fixture
def config(world: ShopifyWorld) -> Config:
    return Config(
        shopify_api_key=world.api_key,
        shopify_api_secret=world.api_secret,
        shopify_endpoint=world.url,
    )


@pytest.fixture
def officina(world: ShopifyWorld) -> SandboxShop:
    shop = world.add_shop("officina.myshopify.com", "EUR", "Europe/Rome")
    world.install(shop)
    return shop


@pytest.fixture
def pair(world: ShopifyWorld, config: Config, officina: SandboxShop) -> TokenPair:
    return exchange(config, officina.domain, world.id_token(officina))


@pytest.fixture
def api(config: Config) -> Iterator[GraphQL]:
    transport = Transport.from_config(config)
    yield GraphQL(transport)
    transport.close()


@pytest.fixture
def shop(api: GraphQL, officina: SandboxShop, pair: TokenPair) -> ShopifyShop:
    return ShopifyShop(officina.domain, pair.access_token, api)
