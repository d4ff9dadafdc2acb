"""Orders, refunds and the figures they add up to: the newest version wins, whatever comes first."""

from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import select

from app.customers import ChangeKind
from app.events import CustomerFact, OrderDeleted, OrderStatus, Person, Refund, RefundSeen
from app.models import Customer, Order, OrderLine
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.integration.customers.people import at, cart, kinds, line, order, seen, tell

ANA = Person(email="ana@example.com")


def ana(store_id: UUID) -> Customer:
    with store_transaction(store_id) as session:
        return session.scalars(select(Customer)).one()


def stored(store_id: UUID, key: str = "1") -> Order:
    with store_transaction(store_id) as session:
        return session.get_one(Order, (store_id, key))


@pytest.mark.requirement(13)
def test_a_paid_order_is_announced_once_and_counted(store_id: UUID) -> None:
    first = tell(store_id, order("1", 0, Person(email="Ana@Example.com")))
    again = tell(store_id, order("1", 0, Person(email="Ana@Example.com")))
    edited = tell(store_id, order("1", 0, ANA, updated_at=at(9), total_minor=1_500))
    second = tell(store_id, order("2", 30, ANA, updated_at=at(30)))

    assert kinds(first) == [ChangeKind.CUSTOMER_CREATED, ChangeKind.ORDER_PLACED]
    assert first[1].values == {"order_key": "1", "first": True, "cart_ids": []}
    assert again == []
    assert ChangeKind.ORDER_CHANGED in kinds(edited)
    assert [c.values["first"] for c in second if c.kind is ChangeKind.ORDER_PLACED] == [False]
    person = ana(store_id)
    assert (person.orders_count, person.spent_minor) == (2, 2_500)
    assert (person.first_order_at, person.last_order_at) == (at(0), at(30))
    assert person.last_active_at == at(30)


def test_a_pending_order_is_placed_when_it_is_paid(store_id: UUID) -> None:
    waiting = tell(store_id, order("1", 0, ANA, status=OrderStatus.PENDING))
    paid = tell(store_id, order("1", 0, ANA, updated_at=at(5)))

    assert ChangeKind.ORDER_PLACED not in kinds(waiting)
    assert ChangeKind.ORDER_PLACED in kinds(paid)


def test_an_order_first_seen_cancelled_is_never_placed_by_its_older_self(store_id: UUID) -> None:
    cancelled = tell(store_id, order("1", 0, ANA, updated_at=at(9), status=OrderStatus.CANCELLED))
    late = tell(store_id, order("1", 0, ANA))

    assert ChangeKind.ORDER_PLACED not in kinds(cancelled) + kinds(late)
    assert ana(store_id).orders_count == 0


@pytest.mark.requirement(13)
def test_refunds_add_up_before_and_after_their_order(make_store: MakeStore) -> None:
    one, two = (Refund(refund_key=key, amount_minor=300, refunded_at=at(9)) for key in "ab")
    facts: list[CustomerFact] = [
        RefundSeen(order_key="1", refund=one, updated_at=at(9)),
        order("1", 0, ANA),
        order("1", 0, ANA, refunds=(one, two), updated_at=at(10)),
    ]

    for sequence in permutations(facts):
        store_id = make_store()
        for fact in sequence:
            tell(store_id, fact)
        assert stored(store_id).refunded_minor == 600
        assert ana(store_id).spent_minor == 400


def test_two_states_of_one_second_fall_the_same_way(make_store: MakeStore) -> None:
    states = [order("1", 0, ANA, status=OrderStatus.PENDING), order("1", 0, ANA)]
    results = []
    for sequence in permutations(states):
        store_id = make_store()
        for fact in sequence:
            tell(store_id, fact)
        results.append(stored(store_id).status)

    assert results == ["paid", "paid"]


def test_the_newest_version_has_its_lines_alone(store_id: UUID) -> None:
    tell(store_id, order("1", 0, ANA, lines=(line("tea"), line("mint"))))

    tell(store_id, order("1", 0, ANA, lines=(line("mint"),), updated_at=at(1)))

    with store_transaction(store_id) as session:
        assert session.scalars(select(OrderLine.product_key)).all() == ["mint"]


def test_an_order_in_another_currency_counts_but_is_not_added_up(store_id: UUID) -> None:
    tell(store_id, order("1", 0, ANA, currency="USD"), order("2", 1, ANA))

    person = ana(store_id)
    assert (person.orders_count, person.spent_minor) == (2, 1_000)
    assert stored(store_id, "1").currency == "USD"


def test_a_test_order_is_no_purchase(store_id: UUID) -> None:
    changes = tell(store_id, order("1", 0, ANA, test=True))

    assert ChangeKind.ORDER_PLACED not in kinds(changes)
    assert ana(store_id).orders_count == 0


@pytest.mark.parametrize("order_of_arrival", [1, -1])
def test_a_deleted_order_does_not_count_even_if_told_after_its_deletion(
    store_id: UUID, order_of_arrival: int
) -> None:
    facts: list[CustomerFact] = [order("1", 0, ANA), OrderDeleted(order_key="1", updated_at=at(5))]

    for fact in facts[::order_of_arrival]:
        tell(store_id, fact)

    assert stored(store_id).deleted_at == at(5)
    assert ana(store_id).orders_count == 0


def test_an_order_of_nobody_is_kept_and_finds_the_owner_of_its_cart(store_id: UUID) -> None:
    tell(store_id, order("1", 5, cart_keys=("t1",)))
    alone = stored(store_id).customer_id

    tell(store_id, cart("t1", minutes=0, person=ANA))

    assert alone is None
    assert stored(store_id).customer_id == ana(store_id).customer_id
    assert ana(store_id).orders_count == 1


def test_an_order_of_nobody_goes_to_no_other_cart_s_owner(store_id: UUID) -> None:
    tell(store_id, order("1", 5, cart_keys=("t1",)), order("2", 5, ANA, cart_keys=("t0",)))

    assert stored(store_id, "1").customer_id is None
    assert ana(store_id).orders_count == 1


@pytest.mark.requirement(10, 11)
def test_a_silent_newer_record_does_not_erase_a_name(store_id: UUID) -> None:
    tell(store_id, seen(0, platform_key="7", first_name="Ana", country="IT"))

    tell(store_id, seen(5, platform_key="7", last_name="Rossi"))

    person = ana(store_id)
    assert (person.first_name, person.last_name, person.country) == ("Ana", "Rossi", "IT")


def test_text_that_the_database_cannot_keep_is_cleaned_and_not_lost(store_id: UUID) -> None:
    tell(store_id, seen(0, platform_key="7", first_name="An\0a\ud83d"))

    assert ana(store_id).first_name == "Ana"
