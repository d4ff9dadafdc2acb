"""Every kind of answer carries its headers, and the cookie is where only we can read it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from app.config import Config
from app.factory import create_app
from app.messages import tokens
from tests.conftest import Machine
from tests.web.conftest import PAGE, PUBLIC, SignIn
from tests.web.rows import Filled, fill

OURS = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
KINDS = [
    *("merchant", "message", "signed-out", "sign-in", "connect", "waiting"),
    *("unsubscribe", "survey", "link", "json", "missing", "refused", "wrong method", "static"),
]


@pytest.fixture
def answer_of(sign_in: SignIn, client: FlaskClient, store_id: object, config: Config) -> object:
    """The headers of one kind of answer."""
    filled = fill(store_id)  # type: ignore[arg-type]
    return lambda kind: _ask(kind, sign_in(filled.store_id), client, _paths(filled, config))


def _paths(filled: Filled, config: Config) -> dict[str, str]:
    survey = tokens.survey_token(config, filled.number, filled.message, 9)
    return {
        "merchant": "/",
        "message": f"/messages/{filled.message}",
        "signed-out": "/",
        "sign-in": "/sign-in",
        "connect": "/connect/woocommerce",
        "waiting": "/connect/woocommerce/return",
        "unsubscribe": f"/u/{tokens.unsubscribe_token(config, filled.number, filled.message)}",
        "survey": f"/s/{survey}",
        "link": f"/l/{tokens.short_token(config.keys, filled.number, filled.link)}",
        "json": "/healthz",
        "missing": "/nothing-here",
        "refused": "/sign-in/forged",
        "wrong method": "/sign-out",
        "static": "/static/comeback.css",
    }


def _ask(kind: str, merchant: FlaskClient, stranger: FlaskClient, paths: dict[str, str]) -> Headers:
    browser = merchant if kind in {"merchant", "message"} else stranger
    return browser.get(paths[kind], base_url=PUBLIC, headers=PAGE).headers


def policy_of(headers: Headers) -> dict[str, str]:
    parts = [part.strip() for part in headers["Content-Security-Policy"].split(";")]
    return {name: rule for name, _, rule in (part.partition(" ") for part in parts if part)}


AnswerOf = Callable[[str], Headers]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_carries_its_headers(kind: str, answer_of: AnswerOf) -> None:
    headers = answer_of(kind)

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
    assert headers["Referrer-Policy"] == ("no-referrer" if kind == "link" else "same-origin")
    # Pages hold people's data; files of ours have an address that changes with them.
    assert ("no-store" in headers["Cache-Control"]) is (kind != "static")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_says_what_may_run_in_it_and_who_may_frame_it(
    kind: str, answer_of: AnswerOf
) -> None:
    policy = policy_of(answer_of(kind))

    # A mail is shown in a frame of its own that runs nothing; its styles are written in it.
    styles = "'self' 'unsafe-inline'" if kind == "message" else "'self'"
    assert {name: policy.get(name) for name in OURS} == {**OURS, "style-src": styles}


def test_a_mail_is_shown_where_nothing_of_it_can_run(sign_in: SignIn, store_id: object) -> None:
    filled = fill(store_id)  # type: ignore[arg-type]

    page = sign_in(filled.store_id).get(
        f"/messages/{filled.message}", base_url=PUBLIC, headers=PAGE
    )

    assert "<iframe" in page.text
    assert ' sandbox title="' in page.text


def test_no_page_of_ours_needs_a_script_or_a_style_written_in_it(app: Flask) -> None:
    inline = []
    for name in app.jinja_env.list_templates():
        assert app.jinja_env.loader is not None
        source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)
        found = [
            word for word in ("<style", " style=", " onclick=", "javascript:") if word in source
        ]
        if found or "<script>" in source:
            inline.append(name)

    assert inline == []


def test_the_session_s_cookie_goes_over_tls_only_to_us_and_no_script_reads_it(
    sign_in: SignIn, store_id: object
) -> None:
    cookie = sign_in(store_id).get_cookie("comeback", domain="comeback.example")  # type: ignore[arg-type]

    assert cookie is not None
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Lax")


def test_without_tls_nothing_promises_it(config: Config, database: Machine) -> None:
    plain = create_app(config.model_copy(update={"public_url": "http://127.0.0.1:8000"}))

    headers = plain.test_client().get("/sign-in", headers=PAGE).headers

    assert "Strict-Transport-Security" not in headers


def test_the_bounce_page_runs_app_bridge_alone_and_only_the_shop_may_frame_it(
    client: FlaskClient,
) -> None:
    path = "/shopify/id-token?shop=officina.myshopify.com&shopify-reload=%2F"
    headers = client.get(path, base_url=PUBLIC, headers=PAGE).headers

    policy = policy_of(headers)
    assert policy["frame-ancestors"] == ("https://officina.myshopify.com https://admin.shopify.com")
    assert policy["script-src"] == "https://cdn.shopify.com"
    assert policy["object-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
