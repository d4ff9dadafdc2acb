"""The page Forecasts says how good what is predicted is, and a person's page what that is."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.inbox.forecasts import keep_forecasts
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.models import Prediction
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON
from tests.conftest import Clock, Machine
from tests.web.reading import read
from tests.web.rows import Filled, fill

WORDS = {
    "en": ("Which way is used", "Did the forecasts come true?", "People who buy alike", "As of"),
    "it": ("Il metodo in uso", "Si è avverato quanto detto?", "in modo simile", "Aggiornato al"),
    "pt-BR": ("O método em uso", "O que foi dito aconteceu?", "compra parecido", "Atualizado em"),
    "es": ("El método en uso", "¿Se cumplió lo que se dijo?", "forma parecida", "Actualizado el"),
}


def a_night(store_id: UUID) -> None:
    keep_rhythm(store_id)
    keep_standing(store_id)
    while keep_forecasts(store_id):
        pass


@pytest.fixture
def filled(store_id: UUID, clock: Clock) -> Filled:
    clock.travel(NOON)
    return fill(store_id)


@pytest.mark.requirement(19, 41)
def test_what_is_predicted_stands_beside_how_good_it_is(
    browser: FlaskClient, filled: Filled, database: Machine
) -> None:
    populate(database.owner_url, filled.store_id, 800)
    a_night(filled.store_id)
    with store_transaction(filled.store_id) as session:
        told = session.scalars(select(Prediction).where(Prediction.will_buy > 1))
        one = next(row for row in told if row.customer_id.int % 2 == 0)  # The others have clicked.

    for language, (*words, as_of) in WORDS.items():
        page = read(browser, "/forecasts", language)
        assert [word for word in words if word not in page] == []
        assert as_of in read(browser, f"/people/{one.customer_id}", language)

    page = read(browser, "/forecasts")
    assert 'data-label="Forecast"' in page and "data-gate" not in page
    assert "of 640 people bought" in page
    a_year_before = page.partition("The same season a year before")[2].partition("</section>")[0]
    assert 'data-label="Forecast"' in a_year_before
    assert re.search(r"(\d+(\.\d)?) %</b><span>of pairs put in the right order", page)
    person = read(browser, f"/people/{one.customer_id}")
    assert f"{one.will_buy:.1f}".removesuffix(".0") + " %" in person
    assert "Risk of churn" in person and "How good this is" in person


def test_what_is_missing_is_named_with_what_there_is(browser: FlaskClient, filled: Filled) -> None:
    assert "Nothing is learnt yet" in read(browser, "/forecasts")
    a_night(filled.store_id)

    page = read(browser, "/forecasts")

    assert "A model needs 500 customers who have bought; so far, 0." in page
    assert "to judge a way takes 270 days of orders" in page
    assert "fewer than a hundred buyers" in page
    assert "Until then the segments tell" in page and "The last times" not in page
    assert "Nothing is predicted of them." in read(browser, f"/people/{filled.person}")
