"""One timeline, told twice: the command and the page show the same entries in the same words."""

import re
from html import unescape
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app import customers
from app.config import Config
from app.customers import EntryKind
from app.factory import create_app
from app.flows import import_flow
from app.models import new_id
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction
from app.web.signin import sign_in_link
from tests.cli.conftest import Run
from tests.conftest import MakeStore
from tests.fakes.building import town
from tests.fakes.life import give_score, live_through_everything
from tests.fakes.town import Town
from tests.web.conftest import PAGE, PUBLIC

__all__ = ["town"]
_ENTRY = re.compile(r'<li data-row="([^"]+)" data-kind="([^"]+)">(.*?)</li>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


FLOW = """
flow: cart-reminder
name: {en: Cart reminder}
languages: [en]
purpose: cart
trigger: {event: cart_abandoned}
steps:
  - send: {channel: email, message: reminder, deadline: 12 hours}
messages:
  reminder: {email: {en: {subject: Your cart, body: It is waiting.}}}
"""


def sign_in(config: Config, store_id: UUID) -> FlaskClient:
    browser = create_app(config).test_client()
    browser.get(sign_in_link(config, store_id).removeprefix(PUBLIC), base_url=PUBLIC)
    return browser


@pytest.fixture
def browser(config: Config, town: Town) -> FlaskClient:
    """Somebody of the shop, whose one flow has a name to show."""
    with store_transaction(town.store_id) as session:
        import_flow(session, this_store(session), FLOW, town.clock.moment)
    return sign_in(config, town.store_id)


def on_the_page(browser: FlaskClient, path: str) -> list[tuple[str, str, str]]:
    """The id, the kind and the words of every entry of a page, newest first."""
    page = browser.get(path, base_url=PUBLIC, headers=PAGE)
    assert page.status_code == 200, page.text
    return [
        (entry_id, kind, " ".join(unescape(_TAG.sub(" ", words)).split()))
        for entry_id, kind, words in _ENTRY.findall(page.text)
    ]


def at_the_terminal(run: Run, town: Town, ana: UUID, *words: str) -> tuple[list[list[str]], str]:
    """The cells of every line, newest first, and all that was printed."""
    printed = run("why", str(town.store_id), str(ana), "--lang", "en", *words).stdout
    lines = re.findall(
        r"^ *(\d{4}-\d\d-\d\d \d\d:\d\d)  +(\S.*?)(?:  +(\S.*?))?\s*$", printed, re.M
    )
    return [list(line) for line in reversed(lines)], printed


def test_the_page_and_the_command_tell_the_same_entries_in_the_same_words(
    run: Run, town: Town, browser: FlaskClient
) -> None:
    ana = live_through_everything(town)

    page = on_the_page(browser, f"/people/{ana}")
    lines, _ = at_the_terminal(run, town, ana)

    with store_transaction(town.store_id) as session:
        entries = customers.timeline(session, ana).entries
    assert [(entry_id, kind) for entry_id, kind, _ in page] == [
        (str(entry.entry_id), entry.kind) for entry in entries
    ]
    assert {kind for _, kind, _ in page} == set(EntryKind)
    assert len(lines) == len(page)
    for (_, kind, words), (_, what, why) in zip(page, lines, strict=True):
        title, _, state = what.partition(": ")
        detail = why.rpartition("(")[0].strip() if why.endswith(")") else why
        if kind not in ("decision", "message", "click", "credit"):  # Where a slug is not a name.
            assert title in words
            assert detail in words
        assert state in words


@pytest.mark.parametrize("language", ["en", "it", "pt-BR", "es"])
def test_every_kind_of_entry_has_words_in_every_language(
    run: Run, town: Town, browser: FlaskClient, language: str
) -> None:
    ana = live_through_everything(town)

    told = browser.get(
        f"/people/{ana}", base_url=PUBLIC, headers={**PAGE, "Accept-Language": language}
    )
    typed = run("why", str(town.store_id), str(ana), "--lang", language)

    assert told.status_code == 200
    for text in (told.text, typed.stdout):
        assert not re.search(r"\b(entry|timeline|act|cart|source)\.[a-z_]+", text)


def test_what_is_older_is_a_page_further_in_both(
    run: Run, town: Town, browser: FlaskClient
) -> None:
    for score in range(130):
        give_score(town, f"score-{score}", score % 11)
    ana = town.ana

    first = on_the_page(browser, f"/people/{ana}")
    older = re.search(r'id="older"><a href="([^"]+)"', _text(browser, f"/people/{ana}"))
    assert older is not None
    second = on_the_page(browser, unescape(older[1]))
    lines, printed = at_the_terminal(run, town, ana)
    again = printed.rpartition("--before ")[2].split()[0]
    rest, last = at_the_terminal(run, town, ana, "--before", again)

    assert len(first) == len(second) == 50
    assert not {row[0] for row in first} & {row[0] for row in second}
    assert len(lines) == 100
    with store_transaction(town.store_id) as session:
        assert len(rest) == len(customers.timeline(session, ana, limit=500).entries) - 100
    assert "--before" not in last


def _text(browser: FlaskClient, path: str) -> str:
    return browser.get(path, base_url=PUBLIC, headers=PAGE).text


def test_a_stranger_is_not_found_on_the_page_and_told_in_a_sentence_by_the_command(
    run: Run, town: Town, make_store: MakeStore, config: Config
) -> None:
    ana, other = live_through_everything(town), make_store()

    page = sign_in(config, other).get(f"/people/{ana}", base_url=PUBLIC, headers=PAGE)
    command = run("why", str(other), str(ana))

    assert page.status_code == 404
    assert command.exit_code == 1
    assert f"knows nobody as “{ana}”" in command.stderr


def test_a_place_nobody_was_given_is_not_found_and_told_in_a_sentence(
    run: Run, town: Town, browser: FlaskClient
) -> None:
    page = browser.get(f"/people/{town.ana}?before=x{new_id()}", base_url=PUBLIC, headers=PAGE)
    command = run("why", str(town.store_id), str(town.ana), "--before", "x")

    assert page.status_code == 404
    assert command.exit_code == 1
    assert "before: give the place that the page before has named" in command.stderr
