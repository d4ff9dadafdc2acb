"""A person's page says what would be recommended to them now, and why."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app import clock, customers
from app.customers import Incoming
from app.customers.habits import ask_for_habits
from app.events import CustomerFact, Line, OrderSeen, OrderStatus, Person, ProductSeen
from app.inbox.habits import keep_habits
from app.tenancy import store_transaction
from tests.web.reading import read, section
from tests.web.rows import Filled

HOUR = {
    "en": "Likeliest to answer around 10:00",
    "it": "risponda verso le 10:00",
    "pt-BR": "por volta das 10:00",
    "es": "responda hacia las 10:00",
}
"""Where they live it was ten when all of the orders were placed."""


def whole(browser: FlaskClient, filled: Filled, language: str) -> str:
    return read(browser, f"/people/{filled.person}", language)


def product(key: str) -> ProductSeen:
    return ProductSeen(
        product_key=key,
        title=key.title(),
        price_minor=1_250,
        currency="EUR",
        updated_at=clock.now(),
    )


def order(key: str, email: str, days_ago: int, *products: str) -> OrderSeen:
    at = clock.now() - timedelta(days=days_ago)
    lines = [
        Line(line_key=each, product_key=each, title=each, quantity=1, total_minor=1_250)
        for each in products
    ]
    return OrderSeen(
        order_key=key,
        number=f"#{key}",
        person=Person(email=email),
        status=OrderStatus.PAID,
        currency="EUR",
        total_minor=1_250,
        lines=tuple(lines),
        placed_at=at,
        updated_at=at,
    )


def tell(filled: Filled, *facts: CustomerFact) -> None:
    incoming = [Incoming(fact=fact, source="webhook", live=False) for fact in facts]
    with store_transaction(filled.store_id) as session:
        customers.apply(session, incoming, clock.now())
        ask_for_habits(session, clock.now())
    keep_habits(filled.store_id)


def test_of_a_store_whose_sales_nobody_has_looked_at_nothing_is_recommended(
    browser: FlaskClient, filled: Filled
) -> None:
    page = whole(browser, filled, "en")

    assert "Nothing, for the time being." in section(page, "recommended")
    assert "Likeliest to answer" not in page


@pytest.mark.requirement(19, 111)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("They buy it again about every 30 days.", "Bought with Oil.", "It sells well.")),
        ("it", ("circa ogni 30 giorni.", "Acquistato con Oil.", "Si vende bene.")),
        ("pt-BR", ("a cada 30 dias", "Comprado com Oil.", "Vende bem.")),
        ("es", ("cada 30 días", "Comprado con Oil.", "Se vende bien.")),
    ],
)
def test_each_product_has_its_reason_in_the_readers_language(
    browser: FlaskClient, filled: Filled, language: str, words: tuple[str, ...]
) -> None:
    tell(
        filled,
        *(product(key) for key in ("oil", "tea", "salt")),
        *(order(f"m{n}", "ana@example.com", 25 + 30 * n, "oil") for n in range(2)),
        *(order("1", "bo@example.com", 3, "oil", "tea"), order("2", "cy@example.com", 3, "salt")),
    )

    page = whole(browser, filled, language)
    told = section(page, "recommended")
    price = "12.50" if language == "en" else "12,50"
    assert [word for word in (*words, price) if word not in told] == []
    assert HOUR[language] in page
