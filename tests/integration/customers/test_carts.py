"""The life of a cart: its tokens, its owner, what ends it, and what time does to it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app import customers
from app.customers import Change, ChangeKind
from app.customers.facts import ABANDONED
from app.events import CustomerFact, OrderStatus, Person
from app.models import Cart, CartKey, LoggedFact
from app.stores.settings import StoreSettings
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.integration.customers.people import at, cart, kinds, order, tell

ANA = Person(email="ana@example.com")
PHONE = "+393471234567"


def carts(store_id: UUID) -> list[Cart]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Cart).order_by(Cart.started_at)))


def only(store_id: UUID) -> Cart:
    [found] = carts(store_id)
    return found


def sweep(store_id: UUID, clock: Clock, limit: int = 100, **settings: Any) -> list[Change]:
    with store_transaction(store_id) as session:
        return customers.sweep_carts(session, StoreSettings(**settings), clock(), limit)


def test_a_checkout_links_the_tokens_of_two_carts_into_one(store_id: UUID) -> None:
    tell(store_id, cart("t1", minutes=0))
    tell(store_id, cart("c1", minutes=1, person=ANA))

    tell(store_id, cart("c1", "t1", minutes=2, recovery_url="https://shop.example/r"))
    tell(store_id, cart("t1", minutes=3, total_minor=2_500))

    with store_transaction(store_id) as session:
        assert set(session.scalars(select(CartKey.cart_key))) == {"t1", "c1"}
    found = only(store_id)
    assert (found.total_minor, found.recovery_url) == (2_500, "https://shop.example/r")
    assert found.customer_id is not None


@pytest.mark.requirement(72)
@pytest.mark.parametrize("order_of_arrival", [1, -1])
def test_an_order_ends_its_cart_and_a_late_older_change_does_not_reopen_it(
    store_id: UUID, order_of_arrival: int
) -> None:
    facts: list[CustomerFact] = [
        cart("t1", minutes=0, person=ANA),
        order("1", 5, ANA, cart_keys=("t1",)),
    ]

    for fact in facts[::order_of_arrival]:
        tell(store_id, fact)

    found = only(store_id)
    assert (found.status, found.order_key, found.ended_at) == ("ordered", "1", at(5))


@pytest.mark.requirement(72)
def test_an_order_ends_every_older_open_cart_of_the_person(store_id: UUID) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA), cart("t2", minutes=9, person=ANA))

    changes = tell(store_id, order("1", 5, ANA))

    [older, newer] = carts(store_id)
    assert (older.status, older.order_key, newer.status) == ("ordered", "1", "active")
    [placed] = [change for change in changes if change.kind is ChangeKind.ORDER_PLACED]
    assert placed.values["cart_ids"] == [older.cart_id]
    assert ChangeKind.CART_ENDED in kinds(changes)


def test_an_order_that_is_not_paid_ends_only_the_carts_it_carries(store_id: UUID) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA), cart("t2", minutes=0, person=ANA))

    tell(store_id, order("1", 5, ANA, status=OrderStatus.PENDING, cart_keys=("t2",)))

    assert sorted(found.status for found in carts(store_id)) == ["active", "ordered"]


def test_an_order_ends_the_cart_of_somebody_who_left_only_the_same_number(store_id: UUID) -> None:
    tell(store_id, cart("t1", minutes=0, person=Person(phone=PHONE)))

    tell(store_id, order("1", 5, Person(email="ana@example.com", phone=PHONE)))

    assert only(store_id).status == "ordered"


def test_a_cart_emptied_is_no_open_cart(store_id: UUID) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA))

    changes = tell(store_id, cart("t1", minutes=1, lines=()))

    assert only(store_id).status == "emptied"
    assert kinds(changes) == [ChangeKind.CUSTOMER_CHANGED, ChangeKind.CART_ENDED][1:]


def test_a_token_used_again_long_after_the_order_is_a_new_life_of_the_cart(store_id: UUID) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA), order("1", 5, ANA, cart_keys=("t1",)))

    tell(store_id, cart("t1", minutes=30))
    soon = only(store_id).status
    tell(store_id, cart("t1", minutes=200))
    later = only(store_id)

    assert (soon, later.status, later.started_at) == ("ordered", "active", at(5))


@pytest.mark.requirement(65, 72)
def test_an_idle_cart_is_abandoned_and_its_order_recovers_it(store_id: UUID, clock: Clock) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA))
    clock.travel(at(59))
    assert sweep(store_id, clock) == []

    clock.travel(at(60))
    [change] = sweep(store_id, clock)

    assert (change.kind, change.live) == (ChangeKind.CART_ABANDONED, True)
    assert change.values == {"cart_id": only(store_id).cart_id, "abandoned_at": at(60)}
    assert sweep(store_id, clock) == []
    with store_transaction(store_id) as session:
        logged = session.scalars(select(LoggedFact).where(LoggedFact.kind == "customer_acted"))
        assert [row.fact["name"] for row in logged] == [ABANDONED]
    tell(store_id, order("1", 70, ANA, cart_keys=("t1",)))
    assert only(store_id).status == "recovered"


def test_an_order_placed_before_the_abandonment_but_told_later_recovers_nothing(
    store_id: UUID, clock: Clock
) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA))
    clock.travel(at(90))
    sweep(store_id, clock)

    tell(store_id, order("1", 5, ANA, cart_keys=("t1",)))

    assert only(store_id).status == "ordered"


def test_a_cart_of_nobody_or_without_lines_is_never_abandoned(store_id: UUID, clock: Clock) -> None:
    tell(store_id, cart("t1", minutes=0), cart("t2", minutes=0, person=ANA, lines=()))
    clock.travel(at(500))

    assert sweep(store_id, clock) == []


def test_a_change_after_the_abandonment_makes_the_cart_active_again(
    store_id: UUID, clock: Clock
) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA))
    clock.travel(at(60))
    sweep(store_id, clock)

    tell(store_id, cart("t1", minutes=80))
    back = only(store_id).status
    clock.travel(at(140))
    [again] = sweep(store_id, clock)

    assert (back, again.kind, again.values["abandoned_at"]) == (
        "active",
        ChangeKind.CART_ABANDONED,
        at(140),
    )


def test_carts_of_a_history_are_abandoned_but_begin_nothing(store_id: UUID, clock: Clock) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA))
    clock.advance(days=3)

    [change] = sweep(store_id, clock)

    assert (change.kind, change.live) == (ChangeKind.CART_ABANDONED, False)


def test_a_cart_left_for_long_expires(store_id: UUID, clock: Clock) -> None:
    tell(store_id, cart("t1", minutes=0, person=ANA))
    clock.advance(days=31)

    [change] = sweep(store_id, clock)

    assert (change.kind, change.values["status"]) == (ChangeKind.CART_ENDED, "expired")
    assert only(store_id).status == "expired"


def test_a_sweep_takes_no_more_than_its_limit_oldest_first(store_id: UUID, clock: Clock) -> None:
    people = [Person(email=f"p{number}@example.com") for number in range(3)]
    tell(store_id, *(cart(f"t{n}", minutes=n, person=person) for n, person in enumerate(people)))
    clock.travel(at(500))

    swept = [len(sweep(store_id, clock, limit=2)) for _ in range(3)]

    assert swept == [2, 1, 0]
