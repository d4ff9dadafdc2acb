"""Every form that a page shows, filled in as it stands but for a few of its own fields: the answer
is a page or a sentence, whatever stands in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.config import Config
from tests.conftest import Machine
from tests.web.conftest import PAGE, PUBLIC, SignIn
from tests.web.nasty import texts
from tests.web.rows import Filled
from tests.web.searching import searched, unlimited_app

PAGES = {
    "home": "/",
    "settings": "/settings",
    "channels": "/channels",
    "flows": "/flows",
    "new flow": "/flows/new",
    "activate": "/flows/{slug}/activate",
    "new segment": "/segments/new",
    "segment": "/segments/{segment}/edit",
    "people": "/people",
    "person": "/people/{person}",
    "tasks": "/tasks",
    "activity": "/activity",
    "connect": "/connect/woocommerce",
}
_ENDS_THE_SESSION = "/sign-out"


@dataclass
class Form:
    """One form of a page: where it goes, and its fields as they stand."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.forms, self.field = path, list[Form](), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = told.get("action") or self.path
            self.forms.append(Form(action, told.get("method", "get").upper()))
        elif self.forms and tag in {"input", "button", "select", "textarea"} and "name" in told:
            self.field = told["name"]
            self.forms[-1].fields[self.field] = told.get("value", "")
        elif self.forms and tag == "option" and "selected" in told:
            self.forms[-1].fields[self.field] = told.get("value", "")


def forms_of(browser: FlaskClient, path: str) -> list[Form]:
    reply = browser.get(path, base_url=PUBLIC, headers=PAGE)
    assert reply.status_code == 200, path
    reader = _Reader(path)
    reader.feed(reply.text)
    return [form for form in reader.forms if form.action != _ENDS_THE_SESSION]


@pytest.fixture
def app(config: Config, database: Machine) -> Iterator[Flask]:
    with unlimited_app(config) as built:
        yield built


@pytest.mark.parametrize("page", PAGES)
def test_a_form_takes_or_refuses_whatever_stands_in_its_own_fields(
    page: str, filled: Filled, sign_in: SignIn
) -> None:
    browser = sign_in(filled.store_id)
    forms = forms_of(browser, PAGES[page].format(**vars(filled)))
    assert forms, "a page without a form has nothing to search here"

    @searched(25)
    @given(st.data())
    def try_it(data: st.DataObject) -> None:
        form = data.draw(st.sampled_from(forms))
        names = [name for name in form.fields if name != "csrf_token"] or ["x"]
        chosen = st.dictionaries(st.sampled_from(names), texts, min_size=1, max_size=3)
        values = {**form.fields, **data.draw(chosen)}
        gone = data.draw(st.none() | st.sampled_from(names))
        sent = urlencode({name: value for name, value in values.items() if name != gone})
        post = form.method == "POST"

        reply = browser.open(
            form.action,
            method=form.method,
            base_url=PUBLIC,
            headers=PAGE,
            data=sent if post else None,
            query_string=None if post else sent,
            content_type="application/x-www-form-urlencoded" if post else None,
        )

        # 503 tells of a vendor that does not answer.
        assert reply.status_code < 500 or reply.status_code == 503, f"{form.action}: {sent}"
        assert "Traceback" not in reply.text

    try_it()
