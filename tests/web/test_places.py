"""The navigation: few entries, a second row of the pages beside this one, and where one stands."""

import re

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import PAGE, PUBLIC, SignIn
from tests.web.rows import Filled

_LINK = re.compile(r'<a href="([^"]+)" aria-current="(\w+)">([^<]+)</a>')


def marked(browser: FlaskClient, path: str) -> list[tuple[str, str, str]]:
    """Every link that is marked as where the reader is: address, mark, word."""
    page = browser.get(path, base_url=PUBLIC, headers=PAGE)
    assert page.status_code == 200
    return _LINK.findall(page.text)


@pytest.mark.parametrize(
    ("path", "links"),
    [
        ("/", [("/", "page", "Home"), ("/", "page", "Overview")]),
        ("/health", [("/", "true", "Home"), ("/health", "page", "Health")]),
        ("/activity", [("/activity", "page", "Activity")]),
        ("/messages/{message}", [("/activity", "true", "Activity")]),
        ("/people/{person}", [("/people", "true", "People"), ("/people", "true", "All people")]),
        ("/segments/new", [("/people", "true", "People"), ("/segments", "true", "Segments")]),
        ("/flows/{slug}", [("/flows", "true", "Flows")]),
        (
            "/forecasts",
            [("/reports/people", "true", "Reports"), ("/forecasts", "page", "Forecasts")],
        ),
        ("/channels", [("/settings", "true", "Settings"), ("/channels", "page", "Channels")]),
    ],
)
def test_a_page_marks_its_entry_and_itself(
    sign_in: SignIn, filled: Filled, path: str, links: list[tuple[str, str, str]]
) -> None:
    assert marked(sign_in(filled.store_id), path.format(**vars(filled))) == links


ROWS = {
    "/": ["/", "/health"],
    "/activity": [],
    "/people": ["/people", "/segments"],
    "/flows": [],
    "/reports/people": ["/reports/people", "/forecasts"],
    "/tasks": [],
    "/settings": ["/settings", "/channels"],
}


def links_of(page: str, beginning: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', page.partition(beginning)[2].partition("</nav>")[0])


def test_an_entry_of_several_pages_has_them_in_a_second_row(
    sign_in: SignIn, filled: Filled
) -> None:
    browser = sign_in(filled.store_id)
    pages = {path: browser.get(path, base_url=PUBLIC, headers=PAGE).text for path in ROWS}

    assert links_of(pages["/"], '<nav aria-label="Pages">') == list(ROWS)
    assert {path: links_of(page, '<nav class="beside"') for path, page in pages.items()} == ROWS
