"""A flow's page says what each variant has brought, and whether one is clearly better."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.inbox.lifts import measure_lifts
from tests.conftest import Clock
from tests.fakes.trial import try_subjects, write_to
from tests.web.conftest import PAGE, PUBLIC, SignIn


@pytest.fixture
def browser(sign_in: SignIn, store_id: UUID) -> FlaskClient:
    try_subjects(store_id)
    return sign_in(store_id)


def section(browser: FlaskClient, language: str = "en") -> str:
    headers = {**PAGE, "Accept-Language": language}
    page = browser.get("/flows/hello", base_url=PUBLIC, headers=headers)
    assert page.status_code == 200
    return page.text.partition('<section id="trial-subject">')[2].partition("</section>")[0]


def count(store_id: UUID, clock: Clock) -> None:
    clock.advance(days=4)
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
