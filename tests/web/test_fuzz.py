"""Whatever is sent to whichever door, by a stranger or by somebody signed in: an answer that was
meant, never a 500 and never a traceback. `FUZZ_EXAMPLES=2000` searches longer."""

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.config import Config
from app.crypto import new_key
from tests.conftest import Machine
from tests.web.conftest import PAGE, PUBLIC, SignIn, csrf_of
from tests.web.nasty import Knock, arguments, knocks
from tests.web.rows import Filled, fill
from tests.web.searching import searched, unlimited_app
from tests.web.whole import whole_app

_WEBHOOKS = ["/webhooks/shopify", "/webhooks/woocommerce/<store>", "/webhooks/acts/<store>"]
_OURS = {"store": "store_id", "token": "link", "filename": "slug", "preset": "slug"}


def _doors() -> list[str]:
    rules: Iterator[Rule] = whole_app(Config(secret_keys=new_key())).url_map.iter_rules()
    return sorted({rule.rule for rule in rules} | set(_WEBHOOKS))


@pytest.fixture
def open_app(config: Config, database: Machine) -> Iterator[Flask]:
    with unlimited_app(config) as app:
        yield app


class Visitor:
    """Sends knocks to one door: as a stranger, or with a session and the hidden field of a form."""

    def __init__(self, app: Flask, filled: Filled, cookie: str, csrf: str) -> None:
        self.app, self.filled, self.cookie, self.csrf = app, filled, cookie, csrf

    def path(self, door: str, argument: str | None) -> str:
        for piece in door.split("<")[1:]:
            name = piece.partition(">")[0]
            ours = name.rpartition(":")[2]
            kept = getattr(self.filled, _OURS.get(ours, ours), "x")
            door = door.replace(f"<{name}>", argument or str(kept))
        return door

    def knock(self, path: str, knock: Knock, *, signed_in: bool) -> tuple[int, bytes]:
        body, headers = knock.body, dict(knock.headers)
        if signed_in:
            headers["Cookie"] = self.cookie
            if "form-urlencoded" in knock.content_type:
                body = f"csrf_token={self.csrf}&".encode() + body
        builder = EnvironBuilder(
            path="/", base_url=PUBLIC, method=knock.method, data=body, query_string=knock.query
        )
        environ = builder.get_environ()
        environ["PATH_INFO"] = _decoded(path)
        environ["CONTENT_TYPE"] = knock.content_type
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            outer = key in {"CONTENT_LENGTH", "CONTENT_TYPE"}
            environ[key if outer else f"HTTP_{key}"] = value.encode().decode("latin-1")
        # As a server calls: the test client would mend or refuse half of it.
        pieces, status, _ = run_wsgi_app(self.app, environ, buffered=True)
        return int(status.partition(" ")[0]), b"".join(pieces)


def _decoded(path: str) -> str:
    """As a server hands a path over: decoded bytes, each as one character."""
    return unquote_to_bytes(path).decode("latin-1")


@pytest.fixture
def visitor(open_app: Flask, sign_in: SignIn, store_id: UUID) -> Visitor:
    filled = fill(store_id)
    browser = sign_in(store_id)
    page = browser.get("/settings", base_url=PUBLIC, headers=PAGE)
    cookie = browser.get_cookie("comeback", domain="comeback.example")
    assert cookie is not None
    return Visitor(open_app, filled, f"comeback={cookie.value}", csrf_of(page.text))


@pytest.fixture
def app(open_app: Flask) -> Flask:
    return open_app


@pytest.mark.parametrize("door", _doors())
def test_no_request_makes_a_door_fall(door: str, visitor: Visitor) -> None:
    @searched(12)
    @given(knocks(), st.none() | arguments(), st.booleans())
    def try_it(knock: Knock, argument: str | None, signed_in: bool) -> None:
        path = visitor.path(door, argument)
        status, answer = visitor.knock(path, knock, signed_in=signed_in)

        # 501 and 505 are ours to say; 503 tells of a vendor that does not answer.
        assert status < 500 or status == 503, f"{knock.method} {path}: {status}"
        assert b"Traceback" not in answer

    try_it()
