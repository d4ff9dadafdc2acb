"""The page Reports shows what was measured last, in the merchant's language."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.inbox.reports import measure_reports
from app.inbox.standing import keep_standing
from app.inbox.sweep import due_stores
from app.models import PeopleReport, Store, StoreStatus
from app.tenancy import store_transaction
from tests.conftest import START, Clock
from tests.integration.reports.shop import person
from tests.web.conftest import PAGE, PUBLIC, SignIn

SAYS = {
    "en": ("Who buys again", "By first product", "not yet", "Jan 2026"),
    "it": ("Chi ricompra", "Per primo prodotto", "non ancora", "gen 2026"),
    "pt-BR": ("Quem compra de novo", "Por primeiro produto", "ainda não", "jan. 2026"),
    "es": ("Quién vuelve a comprar", "Por primer producto", "aún no", "ene 2026"),
}


def shown(browser: FlaskClient, language: str = "en") -> str:
    headers = {**PAGE, "Accept-Language": language}
    page = browser.get("/reports/people", base_url=PUBLIC, headers=headers)
    assert page.status_code == 200
    return page.text.replace("\u00a0", " ")


def section(page: str, name: str) -> str:
    return page.partition(f'<section id="{name}">')[2].partition("</section>")[0]


@pytest.fixture
def sold(store_id: UUID, clock: Clock) -> UUID:
    """Two have first bought two months ago, of whom one bought again a month later."""
    january, february = START - timedelta(days=50), START - timedelta(days=20)
    person(store_id, [{"at": january, "bought": [("Rosemary oil", 1_000)]}, {"at": february}])
    person(store_id, [{"at": january, "bought": [("<b>Tea</b>", 1_000)]}])
    return store_id


@pytest.mark.requirement(101)
def test_cohorts_are_shown_in_four_languages_after_the_night_that_measured_them(
    sign_in: SignIn, sold: UUID, other_store: UUID
) -> None:
    browser = sign_in(sold)
    assert "Nothing is measured yet" in shown(browser)

    keep_standing(sold)
    assert sold in due_stores()["reports"]
    assert (measure_reports(sold), measure_reports(sold)) == (1, 0)

    for language, words in SAYS.items():
        assert [word for word in words if word not in shown(browser, language)] == []
    again, worth = (section(shown(browser), name) for name in ("cohorts", "worth"))
    assert again.count('<td data-label="Month 1">50 %</td>') == 2, "of everybody, and of January"
    assert 'data-label="Month 2"><span class="soft">not yet</span>' in again
    assert '<td data-label="Month 1">€15.00</td>' in worth
    assert "&lt;b&gt;Tea&lt;/b&gt;" in section(shown(browser), "by-product")
    assert "Nothing is measured yet" in shown(sign_in(other_store))


def test_reports_are_measured_once_a_day_and_not_in_a_store_that_has_left(
    sold: UUID, clock: Clock
) -> None:
    keep_standing(sold)
    measure_reports(sold)
    clock.advance(hours=19)
    with store_transaction(sold) as session:
        session.get_one(Store, sold).status = StoreStatus.UNINSTALLED
        session.get_one(PeopleReport, sold).due_at = clock.moment

    assert measure_reports(sold) == 0
    assert sold not in due_stores()["reports"]
