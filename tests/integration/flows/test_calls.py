"""A webhook over real HTTP: signed, repeated until it is taken, never into our own network."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app import flows
from app.config import Config
from app.models import Notice
from app.stores.connections import Connections
from app.stores.notices import shown
from tests.integration.flows.conftest import Shop


@dataclass
class Receiver:
    """A merchant's server on loopback. `answers` are its next status codes; then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.taken.append((dict(self.headers.items()), body))
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent: the test reads `taken`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def asked_for(shop: Shop, url: str) -> None:
    shop.has_flow(f"  - webhook: {{url: {url}}}")
    shop.fire(shop.act(shop.customer()))
    shop.advance()


def call(shop: Shop) -> int:
    return flows.call_due(shop.store_id, shop.connections, 10)


def test_a_webhook_step_posts_the_person_signed_with_the_shop_s_secret(
    shop: Shop, receiver: Receiver
) -> None:
    asked_for(shop, receiver.url)

    assert call(shop) == 1
    assert call(shop) == 0

    ((headers, body),) = receiver.taken
    told = json.loads(body)
    assert (told["flow"], told["step"], told["customer"]["email"]) == (
        "test-flow",
        "1",
        "ana@example.com",
    )
    stamp, _, proof = headers["Comeback-Signature"].removeprefix("t=").partition(",v1=")
    secret = flows.signing_secret(shop.connections.config.keys, shop.store_id)
    signed = f"{stamp}.".encode() + body
    assert hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() == proof


@pytest.mark.parametrize("answer", [500, 404, 302])
def test_a_call_that_is_not_taken_is_made_again_with_the_same_delivery(
    shop: Shop, receiver: Receiver, answer: int
) -> None:
    asked_for(shop, receiver.url)
    receiver.answers = [answer]

    call(shop)
    assert call(shop) == 0
    shop.clock.advance(minutes=1)
    call(shop)

    first, second = (headers["Comeback-Delivery"] for headers, _ in receiver.taken)
    assert first == second
    assert [one.done_at for one in shop.calls()] == [shop.clock()]


def test_a_call_is_given_up_after_a_day_with_word_to_the_merchant(
    shop: Shop, receiver: Receiver
) -> None:
    asked_for(shop, receiver.url)
    receiver.answers = [500] * 99

    for _ in range(30):
        call(shop)
        shop.clock.advance(hours=1)

    (given_up,) = shop.calls()
    assert given_up.done_at is not None
    assert "answered 500" in str(given_up.error)
    (notice,) = shop.all(Notice)
    assert notice.kind == "call_failed"
    assert shown(notice, "it").startswith("Un passaggio che chiama un altro sistema")
    assert "answered 500" in shown(notice, "it")


def test_an_address_inside_our_network_is_never_called(
    shop: Shop, receiver: Receiver, config: Config
) -> None:
    asked_for(shop, receiver.url)
    shop.connections = Connections(config.model_copy(update={"allow_private_addresses": False}))

    call(shop)

    assert receiver.taken == []
    assert "https://" in str(shop.calls()[0].error)


def test_a_tag_for_somebody_without_an_account_is_given_up_with_the_reason(shop: Shop) -> None:
    shop.has_flow("  - tag: {add: lapsed}")
    shop.fire(shop.act(shop.customer(platform_key=None)))
    shop.advance()

    call(shop)

    assert "no account for this person" in str(shop.calls()[0].error)
