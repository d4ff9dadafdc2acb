"""The Chrome or Chromium of this machine; on Debian as root one is installed; else that of
Playwright."""

import os
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright

from app.launch import ROOT

ASSET = ROOT / "app" / "web" / "static" / "vendor" / "htmx.min.js"
"""What pages load beside their own; `make .venv/.assets` fetches it."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def launch(playwright: Playwright) -> Browser:
    """Raises playwright's Error when there is none and none can be had."""
    if _installed() is None:
        _install_on_debian()
    # A container's root cannot use the browser's own sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=_installed(), args=arguments)


def window(
    browser: Browser,
    address: str,
    *,
    width: int = 1280,
    scheme: str = "light",
    locale: str = "en-GB",
) -> BrowserContext:
    """A person's window on the app at this address, of this size, colours and language."""
    return browser.new_context(
        user_agent=_AGENT,
        locale=locale,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=address,
    )


def _installed() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _install_on_debian() -> None:
    if os.geteuid() == 0 and Path("/etc/debian_version").exists():
        install = "apt-get install -y --no-install-recommends chromium"
        command = f"apt-get update && {install}"
        subprocess.run(["sh", "-c", command], check=False, capture_output=True)
