"""Where a merchant would stumble: an empty page, a long list, a refusal, a form left open."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.models import Customer, Store, new_id
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.web.conftest import PAGE, PUBLIC, post
from tests.web.reading import read
from tests.web.rows import Filled


def add_people(filled: Filled, count: int, clock: Clock) -> None:
    with store_transaction(filled.store_id) as session:
        session.add_all(
            Customer(
                store_id=filled.store_id,
                customer_id=new_id(),
                first_name="Bea",
                first_seen_at=clock(),
                orders_count=12_345,
            )
            for _ in range(count)
        )


@pytest.mark.parametrize(
    ("language", "number"),
    [("en", "12,345"), ("it", "12.345"), ("pt-BR", "12.345"), ("es", "12.345")],
)
def test_a_number_is_written_as_the_reader_writes_it(
    browser: FlaskClient, filled: Filled, clock: Clock, language: str, number: str
) -> None:
    add_people(filled, 1, clock)

    assert f">{number}</td>" in read(browser, "/people", language)


def test_a_list_of_people_that_is_cut_says_so(
    browser: FlaskClient, filled: Filled, clock: Clock
) -> None:
    add_people(filled, 49, clock)
    assert "The 50 people" not in read(browser, "/people")

    add_people(filled, 2, clock)

    assert "The 50 people who were active last." in read(browser, "/people")
    assert "The first 50 people found." in read(browser, "/people?q=bea")


@pytest.mark.parametrize(("language", "amount"), [("en", "250.50"), ("es", "250,50")])
def test_an_amount_in_a_form_has_the_readers_decimal_mark(
    browser: FlaskClient, filled: Filled, language: str, amount: str
) -> None:
    with store_transaction(filled.store_id) as session:
        store = session.get_one(Store, filled.store_id)
        store.settings = {"offers": {"month_minor": 25_050}}

    assert f'value="{amount}"' in read(browser, "/settings", language)


def test_an_editor_nobody_has_written_in_shows_no_mistake(browser: FlaskClient) -> None:
    page = post(browser, "/segments/preview", {"written": " \r\n"}).text

    assert "Write a condition to see whom it means." in page
    assert "problem" not in page


def test_a_segment_in_use_stays_and_its_page_says_by_what(
    browser: FlaskClient, filled: Filled
) -> None:
    other: dict[str, object] = {
        "name": "Others",
        "written": f"segment.{filled.segment}: {{is: false}}",
    }
    assert post(browser, "/segments/new", other).status_code == 302

    page = post(browser, f"/segments/{filled.segment}/archive", {})

    assert page.status_code == 422
    assert "It is still used by others." in page.text and "<nav" in page.text
    assert f"/segments/{filled.segment}" in read(browser, "/segments")


def test_a_merchant_finds_the_way_back_from_what_is_not_there(browser: FlaskClient) -> None:
    page = browser.get("/segments/gone", base_url=PUBLIC, headers=PAGE)

    assert page.status_code == 404
    assert 'href="/">Back to the first page</a>' in page.text


def test_a_shop_that_is_not_connected_is_still_to_be_set_up(browser: FlaskClient) -> None:
    assert 'href="/health">Connect the shop</a></li>' in " ".join(read(browser, "/").split())


def test_a_form_may_stay_open_as_long_as_its_session(browser: FlaskClient) -> None:
    """Its own age is counted on the machine's clock, which no test moves."""
    limit = browser.application.config["WTF_CSRF_TIME_LIMIT"]
    lasts = browser.application.config["PERMANENT_SESSION_LIFETIME"]

    assert limit is None or timedelta(seconds=limit) >= lasts
