"""A person's page tells each sign of leaving: what was compared, since when, and who answers."""

import pytest
from flask.testing import FlaskClient

from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from tests.conftest import Clock
from tests.web.reading import read, section
from tests.web.rows import Filled
from tests.web.test_lead import did, told


@pytest.fixture
def filled(filled: Filled) -> Filled:
    """Somebody has looked at everybody once."""
    keep_rhythm(filled.store_id)
    keep_standing(filled.store_id)
    return filled


def shown(browser: FlaskClient, filled: Filled, language: str) -> str:
    return section(read(browser, f"/people/{filled.person}", language), "signs")


@pytest.mark.requirement(73, 78, 79)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Sign-ins in 30 days: 1; in the 30 before: 4", "High", "Leadership", "since")),
        ("it", ("Accessi in 30 giorni: 1; nei 30 precedenti: 4", "Alto", "Direzione", "dal")),
        ("pt-BR", ("Acessos em 30 dias: 1; nos 30 anteriores: 4", "Alto", "Direção", "desde")),
        ("es", ("Inicios de sesión en 30 días: 1; en los 30", "Alto", "Dirección", "desde")),
    ],
)
def test_each_sign_is_told_with_its_values_and_its_owner(
    browser: FlaskClient, filled: Filled, clock: Clock, language: str, words: tuple[str, ...]
) -> None:
    told(filled, *did("logged_in", 4))
    clock.advance(days=31)
    told(filled, *did("cancellation_sought", 1), *did("logged_in", 5)[4:])

    page = shown(browser, filled, language)

    assert [word for word in words if word not in page] == []


def test_without_a_sign_there_is_no_section(browser: FlaskClient, filled: Filled) -> None:
    assert shown(browser, filled, "en") == ""
