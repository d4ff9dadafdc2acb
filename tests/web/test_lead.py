"""A person's page says how near to a purchase they are, and what that is made of."""

import pytest
from flask.testing import FlaskClient

from app import clock, customers
from app.customers import Incoming
from app.events import CustomerActed, CustomerFact, CustomerSeen, Person
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.inbox.sweep import due_stores
from app.tenancy import store_transaction
from tests.web.conftest import post
from tests.web.forms import settings_form
from tests.web.reading import read, section
from tests.web.rows import Filled

ANA = Person(email="ana@example.com")


def shown(browser: FlaskClient, filled: Filled, language: str = "en") -> str:
    page = read(browser, f"/people/{filled.person}", language)
    return " ".join(section(page, "lead").split())


def told(filled: Filled, *facts: CustomerFact) -> None:
    with store_transaction(filled.store_id) as session:
        incoming = [Incoming(fact=fact, source="webhook", live=True) for fact in facts]
        customers.apply(session, incoming, clock.now())


def did(name: str, times: int) -> list[CustomerActed]:
    return [
        CustomerActed(event_key=f"act:{name}{n}", name=name, person=ANA, updated_at=clock.now())
        for n in range(times)
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Cold", "Looked at products × 9", "Opened e-mails never count")),
        ("it", ("Freddo", "Ha guardato prodotti × 9", "Le aperture delle e-mail non contano")),
        ("pt-BR", ("Frio", "Viu produtos × 9", "E-mails abertos nunca contam")),
        ("es", ("Frío", "Miró productos × 9", "Los correos abiertos nunca cuentan")),
    ],
)
def test_the_parts_of_a_score_are_told_in_the_reader_s_language(
    browser: FlaskClient, filled: Filled, language: str, words: tuple[str, ...]
) -> None:
    told(filled, *did("product_viewed", 9))

    page = shown(browser, filled, language)

    assert [word for word in (*words, "<dd>+20</dd>") if word not in page] == []


@pytest.mark.requirement(37, 38, 40)
def test_a_merchant_of_companies_scores_by_another_table_and_tags_of_their_own(
    browser: FlaskClient, filled: Filled
) -> None:
    keep_rhythm(filled.store_id)
    keep_standing(filled.store_id)
    changes = {"lead.companies": "yes", "lead.decision_maker_tag": "boss"}

    assert post(browser, "/settings", settings_form(browser, **changes)).status_code == 302
    assert filled.store_id in due_stores()["standing"]
    told(
        filled,
        CustomerSeen(person=ANA, tags=("boss",), updated_at=clock.now()),
        *did("demo_requested", 1),
        *did("pricing_viewed", 1),
    )
    keep_standing(filled.store_id)

    page = shown(browser, filled)
    assert "<b>100</b>" in page and "Hot" in page and "since" in page
    assert "Decides about purchases" in page and "Asked for a demo × 1" in page
