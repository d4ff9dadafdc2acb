"""The command line against real databases and against the sandboxes over HTTP."""

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from app import logs
from app.cli import comeback
from app.config import Config
from app.models import Base
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from app.sandbox.twilio import TwilioWorld
from app.sandbox.woocommerce import WooWorld
from app.tenancy import platform_transaction
from tests.conftest import Clock, Machine

Run = Callable[..., Result]
KLAVIYO_KEY = "pk_sandbox"
TOKEN, APP_SECRET = "shpat_of-the-custom-app", "shpss_of-the-custom-app"


@pytest.fixture
def run(database: Machine, config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Type a command: its words, and by `answers` what is typed at its prompts, line by line."""
    settings = {
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "REDIS_URL": database.redis_url,
        "SECRET_KEYS": config.secret_keys,
        "PUBLIC_URL": config.public_url,
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "LOG_LEVEL": "ERROR",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def typed(*words: str, answers: tuple[str, ...] = ()) -> Result:
        lines = "".join(f"{answer}\n" for answer in answers)
        result = CliRunner().invoke(comeback, list(words), input=lines, prog_name="comeback")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    yield typed
    logs.configure("ERROR")


@pytest.fixture
def woo(clock: Clock) -> Iterator[WooWorld]:
    world = WooWorld()
    world.start()
    yield world
    world.stop()


@pytest.fixture
def shopify(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopifyWorld]:
    world = ShopifyWorld(hook_url="https://comeback.example/webhooks/shopify")
    monkeypatch.setenv("SHOPIFY_ENDPOINT", world.start())
    yield world
    world.stop()
    world.office.close()


@pytest.fixture
def officina(shopify: ShopifyWorld) -> SandboxShop:
    """A Shopify shop whose owner has made a custom app for us."""
    shop = shopify.add_shop("officina.myshopify.com", "EUR", "Europe/Rome")
    shopify.custom_app(shop, TOKEN, APP_SECRET)
    return shop


@pytest.fixture
def klaviyo(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[KlaviyoWorld]:
    world = KlaviyoWorld()
    monkeypatch.setenv("KLAVIYO_ENDPOINT", world.start())
    yield world
    world.stop()


@pytest.fixture
def account(klaviyo: KlaviyoWorld) -> Account:
    return klaviyo.add_account("Erbe Buone", private_key=KLAVIYO_KEY)


@pytest.fixture
def twilio(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioWorld]:
    world = TwilioWorld()
    monkeypatch.setenv("TWILIO_ENDPOINT", world.start())
    yield world
    world.stop()


def count(table: type[Base]) -> int:
    """How many rows there are, of all stores."""
    with platform_transaction("a test counts") as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
