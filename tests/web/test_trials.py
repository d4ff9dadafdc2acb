"""A flow's page says what each variant has brought, and whether one is clearly better."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.inbox.lifts import measure_lifts
from tests.conftest import Clock
from tests.fakes.trial import SPLIT, switch_on, try_subjects, write_to
from tests.web.conftest import PAGE, PUBLIC, SignIn


@pytest.fixture
def browser(sign_in: SignIn, store_id: UUID) -> FlaskClient:
    try_subjects(store_id)
    return sign_in(store_id)


@pytest.fixture
def splitting(sign_in: SignIn, store_id: UUID) -> FlaskClient:
    switch_on(store_id, SPLIT)
    return sign_in(store_id)


def browse(browser: FlaskClient, language: str = "en") -> str:
    headers = {**PAGE, "Accept-Language": language}
    page = browser.get("/flows/hello", base_url=PUBLIC, headers=headers)
    assert page.status_code == 200
    return page.text


def section(browser: FlaskClient, language: str = "en", step: str = "subject") -> str:
    return (
        browse(browser, language)
        .partition(f'<section id="trial-{step}">')[2]
        .partition("</section>")[0]
    )


def count(store_id: UUID, clock: Clock, days: int = 4) -> None:
    clock.advance(days=days)
    assert measure_lifts(store_id) == 1


@pytest.mark.parametrize(
    ("language", "says", "within"),
    [
        ("en", "shared out equally until", "within 3 days"),
        ("it", "divise in parti uguali finché", "entro 3 giorni"),
        ("pt-BR", "divididas igualmente até", "em 3 dias"),
        ("es", "se reparten por igual hasta", "en 3 días"),
    ],
)
def test_until_the_first_day_is_counted_the_page_says_that_shares_are_equal(
    browser: FlaskClient, language: str, says: str, within: str
) -> None:
    told = section(browser, language)

    assert says in told and within in told
    assert "<table>" not in told


@pytest.mark.requirement(111, 116)
def test_a_variant_that_is_clearly_better_is_named_and_gets_more(
    browser: FlaskClient, store_id: UUID, clock: Clock
) -> None:
    write_to(store_id, "original", 100, 10)
    write_to(store_id, "short", 100, 40)
    count(store_id, clock)

    told = section(browser)

    assert "short is clearly better than all others." in told
    assert "40.0\xa0% (between 30.9\xa0% and 49.8\xa0%)" in told
    assert "95\xa0%" in told and "5\xa0%" in told
    assert "short va chiaramente meglio" in section(browser, "it")


def test_with_too_few_the_page_says_how_many_it_takes(
    browser: FlaskClient, store_id: UUID, clock: Clock
) -> None:
    write_to(store_id, "original", 40, 4)
    write_to(store_id, "short", 40, 5)
    count(store_id, clock)

    told = section(browser)

    assert "Not enough data" in told and "messages for each of the best two" in told


WORDS = {
    "en": ("Nothing has been counted", "stay as they are", "within 7 days", "short is clearly"),
    "it": ("Non è stato ancora", "restano come sono", "entro 7 giorni", "short va chiaramente"),
    "pt-BR": ("Nada foi contado", "ficam como estão", "em 7 dias", "short é claramente"),
    "es": ("Todavía no se ha", "se quedan como están", "en 7 días", "short es claramente"),
}


@pytest.mark.requirement(116)
@pytest.mark.parametrize("language", WORDS)
def test_a_fixed_split_shows_what_each_way_has_brought_and_its_own_shares(
    splitting: FlaskClient, store_id: UUID, clock: Clock, language: str
) -> None:
    not_yet, stay, within, better = WORDS[language]
    before = section(splitting, language, "tone")
    write_to(store_id, "warm", 100, 10, split=True)
    write_to(store_id, "short", 100, 40, split=True)
    count(store_id, clock, days=8)

    told = section(splitting, language, "tone")

    assert not_yet in before and within in before and "<table>" not in before
    assert better in told and stay in told and within in told
    assert "70\xa0%" in told and "30\xa0%" in told, "whatever each has brought"
    assert re.search(r"40[.,]0\xa0% \(\w+ 30[.,]9\xa0% \w+ 49[.,]8\xa0%\)", told)


def test_a_fixed_split_by_clicks_says_so(sign_in: SignIn, store_id: UUID) -> None:
    listed = SPLIT.partition("split:\n")[2].partition("messages:")[0]
    ways = "".join(f"    {line}\n" for line in listed.splitlines())
    by = "split:\n      by: clicks\n      within: 2 days\n      ways:\n"
    switch_on(store_id, SPLIT.replace(f"split:\n{listed}", by + ways))

    told = section(sign_in(store_id), step="tone")

    assert "was clicked within 2 days" in told and "stay as they are" in told


def test_a_fixed_split_with_too_few_people_says_how_many_it_takes(
    splitting: FlaskClient, store_id: UUID, clock: Clock
) -> None:
    write_to(store_id, "warm", 40, 4, split=True)
    write_to(store_id, "short", 40, 5, split=True)
    count(store_id, clock, days=8)

    told = section(splitting, step="tone")

    assert "Not enough data" in told and "messages for each of the best two" in told


def test_the_list_of_steps_says_the_shares_of_a_fixed_split(splitting: FlaskClient) -> None:
    page = browse(splitting)

    assert "warm 70\xa0%, short 30\xa0%" in page


def test_other_shares_in_the_file_are_shown_before_the_next_day_is_counted(
    splitting: FlaskClient, store_id: UUID, clock: Clock
) -> None:
    write_to(store_id, "warm", 10, 1, split=True)
    count(store_id, clock)
    switch_on(store_id, SPLIT.replace("share: 70", "share: 20").replace("share: 30", "share: 80"))

    told = section(splitting, step="tone")

    assert "20\xa0%" in told and "80\xa0%" in told
    assert "70\xa0%" not in told


@pytest.mark.parametrize(
    ("language", "nameless", "silent"),
    [
        ("en", "because it has no name", "No message comes after short"),
        ("it", "perché non ha un nome", "Dopo short non arriva nessun messaggio"),
        ("pt-BR", "porque não tem nome", "Depois de short não vem nenhuma mensagem"),
        ("es", "porque no tiene nombre", "Después de short no llega ningún mensaje"),
    ],
)
def test_a_split_of_which_nothing_can_be_told_says_why(
    splitting: FlaskClient, store_id: UUID, language: str, nameless: str, silent: str
) -> None:
    unnamed = SPLIT.replace("  - id: tone\n    split", "  - split")
    switch_on(store_id, unnamed.replace("send: {channel: email, message: again}", "tag: {add: x}"))

    told = section(splitting, language, "1")

    assert nameless in told and silent in told
    assert "<table>" not in told
