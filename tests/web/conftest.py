"""The whole app behind a test client, two stores, and the means to sign in to either."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Config
from app.factory import create_app
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from app.web.limits import limiter
from app.web.signin import sign_in_link
from tests.conftest import Clock, Machine, MakeStore
from tests.web.rows import Filled, fill
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
def filled(store_id: UUID) -> Filled:
    """The store with something of everything in it."""
    return fill(store_id)


@pytest.fixture
def browser(sign_in: SignIn, filled: Filled) -> FlaskClient:
    """A browser signed in to the store that has something of everything."""
    return sign_in(filled.store_id)


@pytest.fixture
def other_store(make_store: MakeStore) -> UUID:
    return make_store(name="Tienda Ajena", locale="es", currency="USD", timezone="Europe/Madrid")


@pytest.fixture(scope="module")
def _running_world() -> Iterator[ShopifyWorld]:
    world = ShopifyWorld()
    world.start()
    yield world
    world.stop()
    world.office.close()


@pytest.fixture
def world(_running_world: ShopifyWorld, clock: Clock) -> ShopifyWorld:
    """Shopify on loopback: one server for a file, because stopping one takes half a second; empty
    for each test."""
    _running_world.reset()
    return _running_world


@pytest.fixture
def officina(world: ShopifyWorld) -> SandboxShop:
    """A Shopify shop that has our app."""
    shop = world.add_shop("officina.myshopify.com", "EUR", "Europe/Rome")
    world.install(shop)
    return shop


@pytest.fixture
def app_of_shopify(world: ShopifyWorld, config: Config) -> Config:
    """Our settings as the app that Shopify knows."""
    known = {
        "shopify_api_key": world.api_key,
        "shopify_api_secret": world.api_secret,
        "shopify_endpoint": world.url,
    }
    return config.model_copy(update=known)


@pytest.fixture
def frame(app_of_shopify: Config, database: Machine) -> FlaskClient:
    """The frame inside a shop's admin, which keeps no cookie and has not said whose it is."""
    limiter.reset()
    return create_app(app_of_shopify).test_client(use_cookies=False)


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
