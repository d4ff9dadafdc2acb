"""What is recommended: what goes with the last orders, then what sells, never what they have."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import customers
from app.config import Config
from app.customers import Incoming
from app.events import Line, OrderSeen, OrderStatus, Person, ProductSeen
from app.messages.recommend import recommended
from app.tenancy import store_transaction
from tests.conftest import START, Clock


def product(key: str, *, available: bool = True) -> ProductSeen:
    return ProductSeen(product_key=key, title=key.title(), available=available, updated_at=START)


def order(number: int, who: str, *keys: str, days_ago: int = 1) -> OrderSeen:
    at = START - timedelta(days=days_ago)
    lines = tuple(
        Line(line_key=key, product_key=key, title=key, quantity=1, total_minor=1000) for key in keys
    )
    return OrderSeen(
        order_key=str(number),
        number=str(number),
        person=Person(email=f"{who}@example.com"),
        status=OrderStatus.PAID,
        currency="EUR",
        total_minor=1000 * len(keys),
        lines=lines,
        placed_at=at,
        updated_at=at,
    )


def titles(store_id: UUID, config: Config, who: str, *facts: ProductSeen | OrderSeen) -> list[str]:
    incoming = [Incoming(fact=fact, source="test", live=False) for fact in facts]
    with store_transaction(store_id) as session:
        customers.apply(session, incoming, START, keys=config.keys)
        found = customers.find_customer(session, f"{who}@example.com")
        assert found is not None
        person = customers.load_snapshots(session, [found.customer_id], START)[found.customer_id]
        return [shown.title for shown in recommended(session, person)]


SHELF = [product(key) for key in ("oil", "soap", "tea", "salt", "mint")]


@pytest.mark.requirement(4, 94, 111)
def test_what_others_bought_with_it_comes_first_and_best_sellers_fill_up(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    shown = titles(
        store_id,
        config,
        "ana",
        *SHELF,
        order(1, "ana", "oil"),
        order(2, "bo", "oil", "tea"),
        order(3, "cy", "salt"),
        order(4, "di", "salt"),
        order(5, "ed", "soap"),
    )

    assert shown == ["Tea", "Salt", "Soap"]


def test_somebody_who_never_bought_is_shown_what_sells(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    unpaid = OrderSeen(
        order_key="9",
        number="9",
        person=Person(email="ana@example.com"),
        status=OrderStatus.PENDING,
        currency="EUR",
        total_minor=0,
        placed_at=START,
        updated_at=START,
    )

    shown = titles(
        store_id, config, "ana", *SHELF, unpaid, order(1, "bo", "tea"), order(2, "cy", "tea", "oil")
    )

    assert shown == ["Tea", "Oil"]


def test_what_cannot_be_bought_or_sold_long_ago_is_not_recommended(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    shown = titles(
        store_id,
        config,
        "ana",
        product("oil"),
        product("tea", available=False),
        product("salt"),
        order(1, "ana", "oil"),
        order(2, "bo", "oil", "tea"),
        order(3, "cy", "salt", days_ago=120),
    )

    assert shown == []
