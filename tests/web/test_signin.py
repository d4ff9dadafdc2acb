"""The sign-in link: once, for fifteen minutes, for one store; and the cookie it leaves."""

import time
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.config import Config
from app.crypto import new_key
from app.factory import create_app
from app.web.signin import sign_in_link
from tests.web.conftest import PAGE, PUBLIC, SignIn, post


@pytest.fixture
def link(config: Config, store_id: UUID) -> str:
    return sign_in_link(config, store_id).removeprefix(PUBLIC)


def test_a_link_signs_one_browser_in_to_its_store(client: FlaskClient, link: str) -> None:
    reply = client.get(link, base_url=PUBLIC, headers=PAGE)
    cookie = reply.headers["Set-Cookie"]

    assert reply.location == "/"
    assert "HttpOnly" in cookie and "Secure" in cookie and "SameSite=Lax" in cookie
    assert "Erbe Buone" in client.get("/", base_url=PUBLIC, headers=PAGE).text


def test_a_link_works_once(client: FlaskClient, link: str) -> None:
    client.get(link, base_url=PUBLIC, headers=PAGE)
    again = client.application.test_client().get(link, base_url=PUBLIC, headers=PAGE)

    assert again.status_code == 401
    assert "Set-Cookie" not in again.headers


def test_a_chat_that_looks_ahead_does_not_use_the_link_up(client: FlaskClient, link: str) -> None:
    client.head(link, base_url=PUBLIC)
    client.get(link, base_url=PUBLIC, headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})

    assert client.get(link, base_url=PUBLIC, headers=PAGE).status_code == 302


def test_a_forged_link_opens_nothing(client: FlaskClient, store_id: UUID, config: Config) -> None:
    stranger = Config(**{**config.model_dump(), "secret_keys": new_key()})
    forged = sign_in_link(stranger, store_id).removeprefix(PUBLIC)

    for path in (forged, "/sign-in/none", "/sign-in/a.b.c"):
        reply = client.get(path, base_url=PUBLIC, headers=PAGE)
        assert reply.status_code == 401
        assert "not valid any more" in reply.text


def test_a_link_is_too_old_after_fifteen_minutes(
    client: FlaskClient, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The age is the machine's, whatever our own clock does: the signing library reads it.
    real = time.time
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: real() + 15 * 60 + 2)

    assert client.get(link, base_url=PUBLIC, headers=PAGE).status_code == 401


def test_signing_out_ends_the_session(sign_in: SignIn, store_id: UUID) -> None:
    browser = sign_in(store_id)

    post(browser, "/sign-out", {})

    assert browser.get("/", base_url=PUBLIC, headers=PAGE).location == "/sign-in"


def test_no_answer_still_on_its_way_signs_a_browser_in_again(
    sign_in: SignIn, store_id: UUID
) -> None:
    browser = sign_in(store_id)
    browser.get("/", base_url=PUBLIC, headers=PAGE)

    for path in ("/", "/activity/rows", "/static/live.js"):
        assert "Set-Cookie" not in browser.get(path, base_url=PUBLIC, headers=PAGE).headers, path


def test_a_session_sealed_with_a_key_that_was_rotated_out_still_reads(
    sign_in: SignIn, store_id: UUID, config: Config
) -> None:
    browser = sign_in(store_id)
    cookie = browser.get_cookie("comeback", domain="comeback.example")
    assert cookie is not None
    keys = f"{new_key()},{config.secret_keys}"
    rotated = Config(**{**config.model_dump(), "secret_keys": keys})
    later = create_app(rotated).test_client()
    later.set_cookie("comeback", cookie.value, domain="comeback.example", secure=True)

    assert later.get("/", base_url=PUBLIC, headers=PAGE).status_code == 200


def test_every_page_carries_its_security_headers(sign_in: SignIn, store_id: UUID) -> None:
    headers = sign_in(store_id).get("/", base_url=PUBLIC, headers=PAGE).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "max-age" in headers["Strict-Transport-Security"]
