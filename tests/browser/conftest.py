"""A real browser, the app on loopback, and a shop whose people have been through something.

An installed Chrome or Chromium is used; on Debian as root one is installed; else Playwright's own.
Without any the tests fail, and say what to install.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from app.config import Config
from app.factory import create_app, create_doors
from app.serve import in_thread, listen
from app.web.limits import limiter
from app.web.signin import sign_in_link
from tests.conftest import Machine

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
_ASSET = Path(__file__).parents[2] / "app" / "web" / "static" / "vendor" / "htmx.min.js"


def _installed() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _install_on_debian() -> None:
    if os.geteuid() == 0 and Path("/etc/debian_version").exists():
        install = "apt-get install -y --no-install-recommends chromium"
        command = f"apt-get update && {install}"
        subprocess.run(["sh", "-c", command], check=False, capture_output=True)


def _launch(playwright: Playwright) -> Browser:
    if _installed() is None:
        _install_on_debian()
    # A container's root cannot use the browser's own sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=_installed(), args=arguments)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = _launch(playwright)
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
    assert _ASSET.exists(), "run `make test`, or `make .venv/.assets`, to fetch htmx first"
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
    """A signed-in window; `width`, `scheme` and `locale`: its size, its colours, its language."""
    contexts = []

    def enter(
        store_id: UUID, *, width: int = 1280, scheme: str = "light", locale: str = "en-GB"
    ) -> Page:
        context = chromium.new_context(
            user_agent=_AGENT,
            locale=locale,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            base_url=site.public_url,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(sign_in_link(site, store_id))
        return page

    yield enter
    for context in contexts:
        context.close()
