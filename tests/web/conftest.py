"""The whole app behind a test client, two stores, and the means to sign in to either."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Config
from app.web.limits import limiter
from app.web.signin import sign_in_link
from tests.conftest import Machine, MakeStore
from tests.web.whole import whole_app

PUBLIC = "https://comeback.example"
PAGE = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def app(config: Config, database: Machine) -> Flask:
    built = whole_app(config)
    limiter.reset()
    return built


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in."""
    return app.test_client()


SignIn = Callable[[UUID], FlaskClient]


@pytest.fixture
def sign_in(app: Flask, config: Config) -> SignIn:
    """A browser signed in to a store through its one-time link."""

    def enter(store_id: UUID) -> FlaskClient:
        browser = app.test_client()
        path = sign_in_link(config, store_id).removeprefix(PUBLIC)
        assert browser.get(path, base_url=PUBLIC).status_code == 302
        return browser

    return enter


@pytest.fixture
def other_store(make_store: MakeStore) -> UUID:
    return make_store(name="Tienda Ajena", locale="es", currency="USD", timezone="Europe/Madrid")


def csrf_of(page: str) -> str:
    """The hidden field of a page's first form."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def post(
    browser: FlaskClient, path: str, form: dict[str, object], page: str = "/settings"
) -> TestResponse:
    """Post a form as the page that holds it would, with its hidden field."""
    shown = browser.get(page, base_url=PUBLIC, headers=PAGE).text
    return browser.post(
        path, base_url=PUBLIC, headers=PAGE, data={"csrf_token": csrf_of(shown), **form}
    )
