"""A person's page tells each sign of leaving: what was compared, since when, and who answers."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from tests.conftest import Clock
from tests.web.conftest import PAGE, PUBLIC, SignIn
from tests.web.rows import Filled, fill
from tests.web.test_lead import did, told


@pytest.fixture
def filled(store_id: UUID, clock: Clock) -> Filled:
    found = fill(store_id)
    keep_rhythm(store_id)
    keep_standing(store_id)
    return found


def shown(sign_in: SignIn, filled: Filled, language: str) -> str:
    browser: FlaskClient = sign_in(filled.store_id)
    headers = {**PAGE, "Accept-Language": language}
    page = browser.get(f"/people/{filled.person}", base_url=PUBLIC, headers=headers)
    _, _, rest = page.text.partition('<section id="signs">')
    return rest.partition("</section>")[0]


@pytest.mark.requirement(73, 78, 79)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("1 sign-ins in 30 days, 4 in those before", "High", "Leadership", "since")),
        ("it", ("1 accessi in 30 giorni, 4 nei precedenti", "Alto", "Direzione", "dal")),
        ("pt-BR", ("1 acessos em 30 dias, 4 nos anteriores", "Alto", "Direção", "desde")),
        ("es", ("1 inicios de sesión en 30 días, 4 en los", "Alto", "Dirección", "desde")),
    ],
)
def test_each_sign_is_told_with_its_values_and_its_owner(
    sign_in: SignIn, filled: Filled, clock: Clock, language: str, words: tuple[str, ...]
) -> None:
    told(filled, *did("logged_in", 4))
    clock.advance(days=31)
    told(filled, *did("cancellation_sought", 1), *did("logged_in", 5)[4:])

    section = shown(sign_in, filled, language)

    assert [word for word in words if word not in section] == []


def test_without_a_sign_there_is_no_section(sign_in: SignIn, filled: Filled) -> None:
    assert shown(sign_in, filled, "en") == ""
