"""What is recommended: what is due again, what goes with the last orders, then what sells; never
what they have, what cannot be bought, or what is far above what they pay."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app import customers
from app.config import Config
from app.customers import Incoming
from app.customers.habits import ask_for_habits, claim_habits, habits_found
from app.events import CartSeen, Line, OrderSeen, OrderStatus, Person, ProductDeleted, ProductSeen
from app.inbox.habits import keep_habits
from app.inbox.sweep import due_stores
from app.messages.recommend import Pick, Picked, recommend
from app.models import ProductMeasure, StoreHabits, StoreStatus
from app.science.recommending import Again, New
from app.tenancy import store_transaction
from tests.conftest import START, Clock, MakeStore
from tests.statements import statements

Fact = ProductSeen | ProductDeleted | OrderSeen | CartSeen


def product(key: str, **more: Any) -> ProductSeen:
    values = {"price_minor": 1_000, "currency": "EUR", "updated_at": START, **more}
    return ProductSeen(product_key=key, title=key.title(), **values)


def lines(*keys: str) -> tuple[Line, ...]:
    return tuple(
        Line(line_key=key, product_key=key, title=key, quantity=1, total_minor=1000) for key in keys
    )


def order(number: int, who: str, *keys: str, days_ago: int = 1, **more: Any) -> OrderSeen:
    at = START - timedelta(days=days_ago)
    values: dict[str, Any] = {
        "status": OrderStatus.PAID,
        "total_minor": 1000 * len(keys),
        "updated_at": at,
        **more,
    }
    return OrderSeen(
        order_key=str(number),
        number=str(number),
        person=Person(email=f"{who}@example.com"),
        currency="EUR",
        lines=lines(*keys),
        placed_at=at,
        **values,
    )


def tell(store_id: UUID, config: Config, *facts: Fact, now: datetime = START) -> None:
    incoming = [Incoming(fact=fact, source="test", live=False) for fact in facts]
    with store_transaction(store_id) as session:
        customers.apply(session, incoming, now, keys=config.keys)


def look(store_id: UUID, *who: str, now: datetime = START) -> list[Picked]:
    """What each of them is recommended."""
    with store_transaction(store_id) as session:
        found = [customers.find_customer(session, f"{name}@example.com") for name in who]
        ids = [one.customer_id for one in found if one is not None]
        people = customers.load_snapshots(session, ids, now)
        told = recommend(session, list(people.values()))
        return [told[customer_id] for customer_id in ids]


def habits(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        ask_for_habits(session, START)
    assert store_id in due_stores()["habits"]
    assert keep_habits(store_id) == 1
    assert keep_habits(store_id) == 0


def titles(picks: Any) -> list[str]:
    return [pick.product.title for pick in picks]


def new_to(store_id: UUID, config: Config, who: str, *facts: Fact) -> list[str]:
    tell(store_id, config, *facts)
    habits(store_id)
    return titles(look(store_id, who)[0].discover)


SHELF = [product(key) for key in ("oil", "soap", "tea", "salt", "mint")]


@pytest.mark.requirement(4, 94, 111)
def test_what_others_bought_with_it_comes_first_and_best_sellers_fill_up(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    tell(
        store_id,
        config,
        *SHELF,
        order(1, "ana", "oil"),
        order(2, "bo", "oil", "tea"),
        order(3, "cy", "salt"),
        order(4, "di", "salt"),
        order(5, "ed", "soap"),
    )
    habits(store_id)

    (found,) = look(store_id, "ana")

    assert titles(found.discover) == ["Tea", "Salt", "Soap"]
    assert found.discover[0].why == New("tea", "oil")
    assert [pick.because for pick in found.discover] == ["Oil", None, None]
    assert found.replenish == []


@pytest.mark.requirement(111)
def test_what_somebody_buys_again_is_recommended_when_it_is_due(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    often = [
        order(n, f"p{n % 6}", "tea", days_ago=200 + 45 * (n // 6)) for n in range(12)
    ]  # Six people, each twice and 45 days apart.
    mine = [order(90 + n, "ana", "oil", days_ago=25 + 30 * n) for n in range(3)]
    tell(store_id, config, *SHELF, *often, *mine, order(99, "ana", "tea", "mint", days_ago=40))
    habits(store_id)

    (found,) = look(store_id, "ana")

    oil, tea = found.replenish
    assert oil.why == Again("oil", 30.0, 5.0, own=True)
    assert tea.why == Again("tea", 45.0, 5.0, own=False)
    assert [shown.title for shown in found.shown().together][:2] == ["Oil", "Tea"]


def test_somebody_who_never_bought_is_shown_what_sells(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    unpaid = order(9, "ana", status=OrderStatus.PENDING)

    shown = new_to(
        store_id, config, "ana", *SHELF, unpaid, order(1, "bo", "tea"), order(2, "cy", "tea", "oil")
    )

    assert shown == ["Tea", "Oil"]


def test_best_sellers_are_those_of_the_last_orders_category_first(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    kinds = {"oil": "Kitchen", "salt": "Kitchen", "soap": "Bath", "tea": "Bath"}
    shelf = [product(key, categories=(kind,)) for key, kind in kinds.items()]
    sold = [order(n, f"p{n}", "soap" if n % 2 else "tea") for n in range(6)]

    shown = new_to(
        store_id, config, "ana", *shelf, *sold, order(8, "bo", "salt"), order(9, "ana", "oil")
    )

    assert shown == ["Salt", "Soap", "Tea"]


@pytest.mark.parametrize(
    "unfit",
    [
        {"available": False},
        {"price_minor": None, "currency": None},
        {"price_minor": 0},
        {"currency": "USD"},
        {"price_minor": 2_001},
    ],
)
def test_what_cannot_be_bought_or_is_far_above_what_they_pay_is_not_recommended(
    store_id: UUID, clock: Clock, config: Config, unfit: dict[str, Any]
) -> None:
    shown = new_to(
        store_id,
        config,
        "ana",
        *(product("oil"), product("tea", **unfit), product("salt")),
        order(1, "ana", "oil"),
        order(2, "bo", "oil", "tea"),
        order(3, "cy", "salt", days_ago=120),
    )

    assert shown == []


def test_whoever_has_paid_more_is_shown_more(store_id: UUID, clock: Clock, config: Config) -> None:
    dear = product("tea", price_minor=6_000)

    shown = new_to(
        store_id,
        config,
        "ana",
        *(product("oil"), dear),
        order(1, "ana", "oil", total_minor=6_000),
        order(2, "bo", "tea"),
    )

    assert shown == ["Tea"]


def test_what_sells_out_or_goes_into_the_cart_since_last_night_is_not_recommended(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    pair = order(2, "bo", "oil", "tea", "salt", "mint")
    assert new_to(store_id, config, "ana", *SHELF, order(1, "ana", "oil"), pair) == [
        "Mint",
        "Salt",
        "Tea",
    ]

    later = START + timedelta(hours=1)
    cart = CartSeen(
        cart_keys=("c",),
        person=Person(email="ana@example.com"),
        currency="EUR",
        total_minor=1_000,
        lines=lines("mint"),
        updated_at=later,
    )
    gone = ProductDeleted(product_key="salt", updated_at=later)
    tell(store_id, config, product("tea", available=False, updated_at=later), gone, cart)

    assert titles(look(store_id, "ana", now=later)[0].discover) == []


def test_a_group_is_asked_about_in_as_many_statements_as_one_person(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    keys = [shown.product_key for shown in SHELF]
    everybody = [f"p{n}" for n in range(20)]
    tell(
        store_id,
        config,
        *SHELF,
        *(order(n, who, keys[n % 5], keys[(n + 1) % 5]) for n, who in enumerate(everybody)),
    )
    habits(store_id)
    with store_transaction(store_id) as session:
        found = [customers.find_customer(session, f"{name}@example.com") for name in everybody]
        people = customers.load_snapshots(session, [one.customer_id for one in found if one], START)
        told: list[Pick] = []
        with statements() as seen:
            for picked in recommend(session, list(people.values())).values():
                told += picked.discover

    assert seen.total() == 3
    assert len(told) == 60


def test_a_product_of_which_nothing_is_sold_any_more_is_forgotten(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    both = (order(1, "ana", "oil"), order(2, "bo", "tea"))
    assert new_to(store_id, config, "bo", *SHELF, *both) == ["Oil"]
    now = clock.advance(days=1)
    cancelled = order(1, "ana", "oil", status=OrderStatus.CANCELLED, updated_at=now)
    tell(store_id, config, cancelled, now=now)
    with store_transaction(store_id) as session:
        ask_for_habits(session, now)

    keep_habits(store_id)

    with store_transaction(store_id) as session:
        assert [row.product_key for row in session.query(ProductMeasure)] == ["tea"]
        assert session.get_one(StoreHabits, store_id).due_at is None


def test_a_worker_that_dies_in_the_middle_leaves_the_work_to_the_next_after_its_lease(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    with store_transaction(store_id) as session:
        ask_for_habits(session, START)
    with store_transaction(store_id) as session:
        assert claim_habits(session, START)

    assert keep_habits(store_id) == 0

    clock.advance(hours=2)
    assert store_id in due_stores()["habits"]
    assert keep_habits(store_id) == 1


def test_what_is_asked_for_while_it_is_found_is_found_once_more(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    with store_transaction(store_id) as session:
        ask_for_habits(session, START)
        lease = claim_habits(session, START)
    assert lease is not None
    with store_transaction(store_id) as session:
        ask_for_habits(session, START)

    with store_transaction(store_id) as session:
        habits_found(session, [0] * 24, START, lease)

    assert store_id in due_stores()["habits"]


def test_of_a_store_that_has_left_nothing_is_found(
    make_store: MakeStore, clock: Clock, config: Config
) -> None:
    store_id = make_store(status=StoreStatus.UNINSTALLED)
    with store_transaction(store_id) as session:
        ask_for_habits(session, START)

    assert keep_habits(store_id) == 0
    assert store_id not in due_stores()["habits"]
