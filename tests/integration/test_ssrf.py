"""A merchant's address never leads into our network: not by a name that changes its answer, not
by a redirect, not by an answer without end."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from app.errors import InvalidInput, Unreachable
from app.http import call
from app.platforms import ShopFacts
from app.platforms.woocommerce import Access, WooCommerceShop
from app.platforms.woocommerce.site import find_site
from app.reach import Reach, guard_url
from tests.integration.certificates import certificate_for

PUBLIC = "93.184.215.14"
NAME = "shop.example"
REACH = Reach(field="store_url", seconds=2.0, largest=1_000_000)
SANDBOX = Reach(field="store_url", allow_private=True, seconds=0.5, largest=1_000_000)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass
class Door:
    """A server of one answer. `asked` is what came in."""

    port: int = 0
    answer: Callable[[socket.socket], None] = lambda peer: peer.sendall(PLAIN)
    asked: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    context: ssl.SSLContext | None = None

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
                peer = self.context.wrap_socket(peer, server_side=True) if self.context else peer
                self.asked.append(peer.recv(65536))
                self.answer(peer)
                peer.close()
            except ssl.SSLError:
                continue
            except OSError:
                if listener.fileno() < 0:
                    return


@pytest.fixture
def door() -> Iterator[Door]:
    listener = socket.create_server(("127.0.0.1", 0))
    found = Door(port=listener.getsockname()[1])
    threading.Thread(target=found.serve, args=(listener,), daemon=True).start()
    yield found
    listener.close()


@dataclass
class Names:
    """A name server in place of the machine's: each answer in turn, the last one for ever."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]


Resolve = Callable[..., Names]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    def put(*answers: list[str]) -> Names:
        names = Names(list(answers))
        monkeypatch.setattr(socket, "getaddrinfo", names)
        return names

    return put


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, door: Door) -> list[str]:
    """Where connections were opened to; all of them end at the door."""
    opened: list[str] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        opened.append(address[0])
        real(self, ("127.0.0.1", door.port))

    monkeypatch.setattr(socket.socket, "connect", connect)
    return opened


def test_a_name_that_turns_private_after_the_check_is_refused_at_the_call(
    resolve: Resolve, connected: list[str]
) -> None:
    resolve([PUBLIC], ["127.0.0.1"])
    guard_url(f"https://{NAME}", field="store_url")

    with pytest.raises(InvalidInput, match="not a public address"):
        call("GET", f"https://{NAME}", reach=REACH)
    assert connected == []


def test_the_connection_goes_to_the_address_that_was_checked_whatever_the_name_says_next(
    resolve: Resolve, connected: list[str], door: Door
) -> None:
    names = resolve([PUBLIC], ["127.0.0.1"])

    with pytest.raises(requests.RequestException):  # The door speaks no TLS.
        call("GET", f"https://{NAME}", reach=REACH, timeout=2)

    assert connected == [PUBLIC]
    assert names.asked == [NAME]


def test_the_woocommerce_package_connects_to_the_address_that_was_checked(
    resolve: Resolve, connected: list[str]
) -> None:
    names = resolve([PUBLIC], ["127.0.0.1"])
    access = Access(url=f"https://{NAME}", consumer_key="ck_1", consumer_secret="cs_1")
    shop = WooCommerceShop(access, ShopFacts(currency="EUR", timezone="UTC", domain=NAME))

    with pytest.raises(Unreachable):
        shop.revoke_code("1")  # A write is tried once.

    assert connected == [PUBLIC]
    assert names.asked == [NAME]


def test_the_look_at_a_site_is_refused_when_its_name_turns_private(
    resolve: Resolve, connected: list[str]
) -> None:
    resolve([PUBLIC], ["10.0.0.7"])

    with pytest.raises(Unreachable, match="not a public address"):
        find_site(f"https://{NAME}")
    assert connected == []


@pytest.mark.parametrize(
    "addresses",
    [
        [PUBLIC, "10.0.0.7"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::7f00:1"],
        ["64:ff9b:1::1"],
        ["2002:7f00:1::"],
        ["224.0.0.1"],
        ["100.64.0.1"],
        ["fec0::1"],
        ["fd00::1"],
        ["0.0.0.0"],
    ],
    ids=lambda addresses: addresses[-1],
)
def test_a_name_with_any_address_inside_some_network_is_refused(
    resolve: Resolve, connected: list[str], addresses: list[str]
) -> None:
    resolve(addresses)

    with pytest.raises(InvalidInput, match="not a public address"):
        call("GET", f"https://{NAME}", reach=REACH)
    assert connected == []


@pytest.mark.parametrize(
    "url",
    ["https://[::1", "https://shop.example:99999/", "file:///etc/passwd", "gopher://shop.example"],
)
def test_an_address_with_tricks_is_refused_before_it_is_looked_up(
    resolve: Resolve, url: str
) -> None:
    names = resolve([PUBLIC])

    with pytest.raises(InvalidInput):
        call("GET", url, reach=REACH)
    assert names.asked == []


def test_host_sni_and_certificate_go_by_the_name_and_not_by_the_pinned_address(
    resolve: Resolve, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(["127.0.0.1"])
    door.context = certificate_for(NAME, tmp_path)
    door.context.sni_callback = lambda peer, name, _: door.names.append(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / f"{NAME}.pem"))

    answer = call("GET", f"https://{NAME}:{door.port}/x", reach=SANDBOX, timeout=2)

    assert answer.content == b"{}"
    assert door.names == [NAME]
    assert f"Host: {NAME}:{door.port}".encode() in door.asked[0]


def test_a_certificate_of_another_name_is_refused(
    resolve: Resolve, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(["127.0.0.1"])
    door.context = certificate_for("other.example", tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.example.pem"))

    with pytest.raises(requests.exceptions.SSLError):
        call("GET", f"https://{NAME}:{door.port}/", reach=SANDBOX, timeout=2)


def test_no_redirect_is_followed_even_when_asked_to(door: Door) -> None:
    door.answer = lambda peer: peer.sendall(
        f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{door.port}/inner\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )

    answer = call(
        "GET", f"http://127.0.0.1:{door.port}/", reach=SANDBOX, allow_redirects=True, timeout=2
    )

    assert answer.status_code == 302
    assert len(door.asked) == 1


def test_no_proxy_of_the_environment_stands_between_the_check_and_the_call(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    answer = call("GET", f"http://127.0.0.1:{door.port}/", reach=SANDBOX, timeout=2)

    assert answer.status_code == 200


def test_an_answer_that_never_ends_is_cut_off_by_its_size(door: Door) -> None:
    def pour(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(64):
            peer.sendall(b"x" * 65536)

    door.answer = pour

    with pytest.raises(Unreachable, match="no end"):
        call("GET", f"http://127.0.0.1:{door.port}/", reach=SANDBOX, timeout=2)


@pytest.mark.parametrize(
    "begin", [b"", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"], ids=["headers", "body"]
)
def test_an_answer_that_drips_is_cut_off_by_the_time_it_takes(door: Door, begin: bytes) -> None:
    finished = threading.Event()

    def drip(peer: socket.socket) -> None:
        peer.sendall(begin)
        while not finished.wait(0.05):
            peer.sendall(b"x")

    door.answer = drip
    try:
        with pytest.raises(requests.ReadTimeout):
            # Each byte comes well within the timeout of one read.
            call("GET", f"http://127.0.0.1:{door.port}/", reach=SANDBOX, timeout=30)
    finally:
        finished.set()
