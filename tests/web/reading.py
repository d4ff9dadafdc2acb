"""Pages as their reader sees them."""

from flask.testing import FlaskClient

from tests.web.conftest import PAGE, PUBLIC


def read(browser: FlaskClient, path: str, language: str = "en") -> str:
    """A page in a language, with every space that keeps a line from breaking as a plain one."""
    page = browser.get(path, base_url=PUBLIC, headers={**PAGE, "Accept-Language": language})
    assert page.status_code == 200
    return page.text.replace("\u00a0", " ")


def section(page: str, name: str) -> str:
    """One part of a page; nothing if it is not there."""
    return page.partition(f'<section id="{name}">')[2].partition("</section>")[0]
