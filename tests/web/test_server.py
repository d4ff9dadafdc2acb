"""What the server itself lets through: over a real socket, with the words of a rude caller."""

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from app import wire
from app.config import Config
from app.factory import create_app, create_doors
from app.serve import in_thread, listen
from app.web.behind import behind
from tests.conftest import Machine

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Caller = Callable[[], socket.socket]


class Hasty(wire.Connection):
    patience = 0.3


@contextmanager
def served(config: Config, connection: type[wire.Connection]) -> Iterator[Caller]:
    listening = listen()
    with in_thread(create_doors(create_app(config), config), listening, connection):
        yield lambda: socket.create_connection(listening.getsockname(), timeout=20)


@pytest.fixture
def caller(config: Config, database: Machine) -> Iterator[Caller]:
    """Opens a connection to the served app."""
    with served(config, wire.Connection) as caller:
        yield caller


@pytest.fixture
def hasty(config: Config, database: Machine) -> Iterator[Caller]:
    """The same, to a server that hangs up on callers who take their time."""
    with served(config, Hasty) as caller:
        yield caller


def say(line: socket.socket, words: bytes) -> bytes:
    """What is answered, until the server has said all it has to say."""
    line.sendall(words)
    answer = b""
    while piece := line.recv(65536):
        answer += piece
    return answer


def ask(target: bytes, *headers: bytes) -> bytes:
    lines = (b"GET " + target + b" HTTP/1.1", b"Host: x", b"Connection: close", *headers)
    return b"\r\n".join((*lines, b"", b""))


def test_a_page_is_answered_and_says_nothing_of_its_server(caller: Caller) -> None:
    answer = say(caller(), ask(b"/healthz"))

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nserver:" not in answer.lower()


def test_a_head_without_an_end_is_cut_off(caller: Caller) -> None:
    line, sent = caller(), 0
    line.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
    while not select.select([line], [], [], 0.01)[0]:
        line.sendall(b"x" * 8192)
        sent += 8192
        assert sent < 100 * wire.MOST_HEAD_BYTES

    assert line.recv(65536).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "unfinished",
    [
        b"",
        b"POST /webhooks/shopify HTTP/1.1\r\nHost: x\r\n",
        b"POST /webhooks/shopify HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_caller_who_never_finishes_is_hung_up_on(hasty: Caller, unfinished: bytes) -> None:
    assert say(hasty(), unfinished) == b""


def test_who_finishes_in_time_is_not_hung_up_on(hasty: Caller) -> None:
    line = hasty()
    line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    while select.select([line], [], [], 0.6)[0]:
        assert line.recv(65536), "The server has hung up."

    assert say(line, ask(b"/healthz")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("target", [b"/?q=\xff", b"/\xff", b"/people?q=\xc3\xa9"])
def test_an_address_that_is_not_escaped_is_refused_and_breaks_nothing(
    caller: Caller, target: bytes
) -> None:
    assert say(caller(), ask(target)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("header", "believed"), [(b"X-Forwarded-For", b"192.0.2.9"), (b"X_Forwarded_For", b"nobody")]
)
def test_a_header_with_an_underscore_is_not_taken_for_the_proxy_s(
    header: bytes, believed: bytes
) -> None:
    listening = listen()

    def echo(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        told = environ.get("HTTP_X_FORWARDED_FOR", "nobody").encode()
        start("200 OK", [("Content-Length", str(len(told)))])
        return [told]

    with in_thread(behind(echo), listening):
        line = socket.create_connection(listening.getsockname(), timeout=20)
        answer = say(line, ask(b"/", header + b": 192.0.2.9"))

    assert answer.endswith(b"\r\n\r\n" + believed)


def test_pieces_of_unknown_length_are_refused_once_they_are_too_long(
    caller: Caller, config: Config
) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"POST /webhooks/shopify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    pieces = config.max_webhook_bytes // 0x10000 + 1

    answer = say(caller(), head + b"Transfer-Encoding: chunked\r\n\r\n" + piece * pieces)

    assert answer.startswith(b"HTTP/1.1 413 ")
