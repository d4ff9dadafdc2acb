"""The page Reports shows what was measured last, in the merchant's language."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.inbox.reports import measure_reports
from app.inbox.standing import keep_standing
from app.inbox.sweep import due_stores
from app.models import Order, PeopleReport, Store, StoreStatus
from app.science.rates import rate_difference
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON
from tests.conftest import START, Clock, Machine
from tests.fakes.hours import sent
from tests.integration.reports.shop import person
from tests.web.conftest import SignIn, post
from tests.web.forms import settings_form
from tests.web.reading import read, section

SAYS = {
    "en": ("Who buys again", "By first product", "not yet", "Jan 2026"),
    "it": ("Chi ricompra", "Per primo prodotto", "non ancora", "gen 2026"),
    "pt-BR": ("Quem compra de novo", "Por primeiro produto", "ainda não", "jan. 2026"),
    "es": ("Quién vuelve a comprar", "Por primer producto", "aún no", "ene 2026"),
}


def shown(browser: FlaskClient, language: str = "en") -> str:
    return read(browser, "/reports/people", language)


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

    pages = {language: shown(browser, language) for language in SAYS}
    for language, words in SAYS.items():
        assert [word for word in words if word not in pages[language]] == []
    again, worth = (section(pages["en"], name) for name in ("cohorts", "worth"))
    assert again.count('<td data-label="Month 1">50 %</td>') == 2, "of everybody, and of January"
    assert 'data-label="Month 2"><span class="soft">not yet</span>' in again
    assert '<td data-label="Month 1">€15.00</td>' in worth
    assert "&lt;b&gt;Tea&lt;/b&gt;" in section(pages["en"], "by-product")
    assert "Nothing is measured yet" in shown(sign_in(other_store))


def measured(store_id: UUID) -> None:
    keep_standing(store_id)
    assert measure_reports(store_id) == 1


def a_third_stays_away(store_id: UUID) -> None:
    last_year = Order.placed_at > NOON - timedelta(days=365)
    with store_transaction(store_id) as session:
        mine = (Order.store_id == store_id, Order.number.like("#1%"), last_year)
        session.execute(update(Order).where(*mine).values(counts=False))


@pytest.mark.requirement(95, 97, 104)
def test_what_a_customer_is_worth_stands_beside_what_one_costs_once_that_is_known(
    sign_in: SignIn, store_id: UUID, database: Machine, clock: Clock
) -> None:
    clock.travel(NOON)
    browser = sign_in(store_id)
    populate(database.owner_url, store_id, 200)
    measured(store_id)
    assert "Everybody who bought in the year before" in section(shown(browser), "levers")

    a_third_stays_away(store_id)
    clock.advance(days=1)
    measured(store_id)

    told = section(shown(browser), "levers")
    assert re.search(r"Retention, by 5 points of 100</td>.*\+\d+(\.\d)? %", told)
    assert "Enter in the settings" in told and " : 1" not in told
    assert "Inserisci nelle impostazioni" in section(shown(browser, "it"), "levers")

    form = settings_form(browser, acquisition_cost_minor="12,50")
    assert post(browser, "/settings", form).status_code == 302

    assert " : 1</b>" in section(shown(browser), "levers")
    with store_transaction(store_id) as session:
        assert session.get_one(Store, store_id).settings["acquisition_cost_minor"] == 1_250


LEAVING = {
    "en": ("Priority 1", "↑ grows", "All moves", "Marked a message as spam", "Reward them"),
    "it": ("Priorità 1", "↑ cresce", "Tutti i passaggi", "come spam", "Premiali"),
    "pt-BR": ("Prioridade 1", "↑ cresce", "Todas as mudanças", "como spam", "Recompense-os"),
    "es": ("Prioridad 1", "↑ crece", "Todos los cambios", "como spam", "Recompénsalos"),
}


@pytest.mark.requirement(42, 103)
def test_segments_moves_who_is_leaving_and_the_focus_are_shown_with_what_to_do(
    sign_in: SignIn, sold: UUID, clock: Clock
) -> None:
    keep_standing(sold)
    clock.advance(days=40)
    for _ in range(4):
        person(sold, [{"at": START}], last_active_at=START, suppressed={"email": "complained"})
    for _ in range(3):
        keep_standing(sold)
        clock.advance(days=8)
    measured(sold)

    browser = sign_in(sold)
    pages = {language: shown(browser, language) for language in LEAVING}
    for language, words in LEAVING.items():
        assert [word for word in words if word not in pages[language]] == []
    page = pages["en"]
    churn = section(page, "churn")
    assert "came to be at risk: 4." in churn
    assert "Do not write." in churn and '<td data-label="Share">100 %</td>' in churn
    assert "People: 4 · €" in section(page, "focus")
    assert section(page, "migration").count('data-label="Net"') == 10


HOURS = {
    "en": ("The best hour brings more answers", "Answered"),
    "it": ("L&#39;ora migliore porta più risposte", "Con risposta"),
    "pt-BR": ("A melhor hora traz mais respostas", "Com resposta"),
    "es": ("La mejor hora trae más respuestas", "Con respuesta"),
}


@pytest.mark.requirement(111)
def test_what_the_best_hour_brings_is_shown_beside_a_random_one(
    sign_in: SignIn, sold: UUID, clock: Clock
) -> None:
    measured(sold)
    browser = sign_in(sold)
    assert section(shown(browser), "hours") == ""

    sent(sold, ("best_hour", 60, 120), ("random_hour", 30, 100))
    clock.advance(days=1)
    measured(sold)

    for language, words in HOURS.items():
        told = section(shown(browser, language), "hours")
        assert [word for word in words if word not in told] == []
    interval = rate_difference((60, 120), (30, 100))
    told = section(shown(browser), "hours")
    assert f"+{100 * interval.difference:.2f} (between +{100 * interval.low:.2f}" in told
    assert '<td data-label="Rate">50 %</td>' in told


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
