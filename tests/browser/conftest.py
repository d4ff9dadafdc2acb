"""A real browser, the app on loopback, and a shop whose people have been through something.

Without a browser the tests fail, and say what to install.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from app.config import Config
from app.factory import create_app, create_doors
from app.serve import in_thread, listen
from app.web.limits import limiter
from app.web.signin import sign_in_link
from tests.browser.chromium import ASSET, launch, window
from tests.conftest import Machine


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except PlaywrightError as error:
            pytest.fail(
                "No Chrome or Chromium on this machine. Install one, or run"
                f" `.venv/bin/playwright install chromium`. {error}"
            )
        yield browser
        browser.close()


@pytest.fixture
def site(config: Config, database: Machine) -> Iterator[Config]:
    """The app, served; its settings say where."""
    assert ASSET.exists(), "run `make test`, or `make .venv/.assets`, to fetch htmx first"
    listening = listen()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Config(**{**config.model_dump(), "public_url": address})
    doors = create_doors(create_app(settings), settings)
    limiter.reset()
    with in_thread(doors, listening):
        yield settings


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, site: Config) -> Iterator[OpenPage]:
    """A signed-in window; by keyword what `window` takes."""
    contexts = []

    def enter(store_id: UUID, **how: str | int) -> Page:
        context = window(chromium, site.public_url, **how)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(sign_in_link(site, store_id))
        return page

    yield enter
    for context in contexts:
        context.close()
