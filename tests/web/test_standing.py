"""A person's page says where they stand, since when, and how their code came by its name."""

import pytest
from flask.testing import FlaskClient

from app import clock, customers
from app.customers import Incoming
from app.events import OrderSeen, OrderStatus, Person
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.inbox.sweep import due_stores
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.web.conftest import post
from tests.web.forms import settings_form
from tests.web.reading import read, section
from tests.web.rows import Filled


def shown(browser: FlaskClient, filled: Filled, language: str = "en") -> str:
    return section(read(browser, f"/people/{filled.person}", language), "standing")


def buys(filled: Filled, key: str, total_minor: int) -> None:
    now = clock.now()
    order = OrderSeen(
        order_key=key,
        number=f"#{key}",
        person=Person(email="ana@example.com"),
        status=OrderStatus.PAID,
        currency="EUR",
        total_minor=total_minor,
        placed_at=now,
        updated_at=now,
    )
    with store_transaction(filled.store_id) as session:
        customers.apply(session, [Incoming(fact=order, source="webhook", live=True)], now)


def walk(filled: Filled) -> None:
    keep_rhythm(filled.store_id)
    keep_standing(filled.store_id)


def test_before_the_first_walk_nobody_has_looked(browser: FlaskClient, filled: Filled) -> None:
    assert "Not looked at yet." in shown(browser, filled)


@pytest.mark.requirement(7, 8)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("New customer", "Onboard", "Active", "Grades 515", "follows from the rule"),
        ),
        ("it", ("Nuovo cliente", "Accoglienza", "Attivo", "Voti 515", "segue dalla regola")),
        ("pt-BR", ("Cliente novo", "Boas-vindas", "Ativo", "Notas 515", "vem da regra")),
        ("es", ("Cliente nuevo", "Bienvenida", "Activo", "Notas 515", "sale de la regla")),
    ],
)
def test_a_buyer_stands_somewhere_in_the_readers_language(
    browser: FlaskClient, filled: Filled, language: str, words: tuple[str, ...]
) -> None:
    buys(filled, "1", 4_000)
    walk(filled)

    told = shown(browser, filled, language)

    assert [word for word in words if word not in told] == []


def test_a_code_that_the_brief_lists_says_nothing_of_the_rule(
    browser: FlaskClient, filled: Filled, clock: Clock
) -> None:
    for number in range(10):
        buys(filled, f"n{number}", 4_000)
        clock.advance(days=3)
    walk(filled)

    told = shown(browser, filled)

    assert "Champions" in told and "Grades 555" in told
    assert "follows from the rule" not in told


@pytest.mark.requirement(22, 23)
def test_bounds_of_the_stores_own_are_set_on_the_page_and_hold_for_everybody(
    browser: FlaskClient, filled: Filled
) -> None:
    buys(filled, "1", 4_000)
    walk(filled)
    chosen = {"standing.orders": "1, 2, 3, 4", "standing.money_days": "365"}
    form = settings_form(browser, **chosen)

    assert post(browser, "/settings", form).status_code == 302
    assert filled.store_id in due_stores()["standing"]
    keep_standing(filled.store_id)

    assert "Grades 525" in shown(browser, filled)


def test_who_stays_away_is_seen_to(browser: FlaskClient, filled: Filled, clock: Clock) -> None:
    buys(filled, "1", 4_000)
    walk(filled)
    clock.advance(days=50)
    walk(filled)

    told = shown(browser, filled)

    assert "At risk of leaving" in told and "Likely to leave" in told
    changes = section(read(browser, f"/people/{filled.person}"), "changes")
    assert "New customer → At risk of leaving" in changes
    assert "Active → Likely to leave" in changes
