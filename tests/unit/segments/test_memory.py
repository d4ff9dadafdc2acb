import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.customers.snapshot import ConsentNow, Snapshot
from app.segments import holds, parse_condition
from tests.unit.segments.people import NOW, cart_of, days_ago, order_of, person


def true_of(snapshot: Snapshot, raw: Any, **context: Any) -> bool:
    return holds(parse_condition(raw, "test"), snapshot, context, NOW).result


def test_what_is_not_known_makes_every_comparison_false_and_none_turns_it_round() -> None:
    nobody = person()

    assert not true_of(nobody, {"customer.score": {"is_not": 3}})
    assert not true_of(nobody, {"customer.last_order": {"before": "60 days"}})
    assert true_of(nobody, {"customer.score": {"is_missing": True}})
    assert true_of(nobody, {"none": [{"customer.country": {"is": "US"}}]})
    assert not true_of(nobody, {"customer.tags": {"includes": "vip"}})
    assert true_of(nobody, {"customer.tags": {"is_missing": True}})


@pytest.mark.parametrize(("days", "lapsed"), [(59.9, False), (60, True), (61, True)])
def test_sixty_days_without_an_order_begin_at_the_sixtieth(days: float, lapsed: bool) -> None:
    quiet = person(last_order_at=days_ago(days))

    assert true_of(quiet, {"customer.last_order": {"before": "60 days"}}) is lapsed
    assert true_of(quiet, {"customer.last_order": {"within": "60 days"}}) is not lapsed


def test_money_is_compared_in_the_decimals_of_the_stores_currency() -> None:
    euro = person(carts=(cart_of(total_minor=2_000),))
    yen = person(currency="JPY", carts=(cart_of(currency="JPY", total_minor=2_000),))
    dollars = person(carts=(cart_of(currency="USD", total_minor=2_000),))

    assert true_of(euro, {"cart.total": {"at_least": 20.00}})
    assert not true_of(euro, {"cart.total": {"at_least": "20.01"}})
    assert true_of(yen, {"cart.total": {"is": 2000}})
    assert true_of(dollars, {"cart.total": {"is_missing": True}})


def test_inside_a_journey_the_cart_is_the_journeys_own() -> None:
    newest, its_own = cart_of(cart_id=UUID(int=8)), cart_of(cart_id=UUID(int=9), total_minor=100)
    shopper = person(carts=(newest, its_own))

    assert true_of(shopper, {"cart.total": {"is": "49.50"}})
    assert true_of(shopper, {"cart.total": {"is": 1}}, cart_id=str(UUID(int=9)))
    assert true_of(shopper, {"cart.status": {"is_missing": True}}, cart_id=str(UUID(int=7)))


def test_events_count_within_their_time_and_since_entry() -> None:
    clicker = person(events={"link_clicked": (days_ago(12), days_ago(3))})
    entered = {"entered_at": days_ago(5).isoformat()}

    assert true_of(clicker, {"events.link_clicked": {"count_at_least": 2}})
    assert not true_of(clicker, {"events.link_clicked": {"count_at_least": 2, "within": "10 days"}})
    assert true_of(clicker, {"events.page_viewed": {"count_at_most": 0}})
    assert true_of(clicker, {"since_entry.link_clicked": {"is": True}}, **entered)
    assert true_of(clicker, {"since_entry.page_viewed": {"is": False}}, **entered)


def test_an_order_since_entry_is_known_to_the_minute() -> None:
    buyer = person(orders=(order_of(placed_at=days_ago(2)),))

    assert true_of(buyer, {"since_entry.ordered": {"is": True}}, entered_at=days_ago(2))
    assert true_of(
        buyer, {"since_entry.ordered": {"is": False}}, entered_at=days_ago(2) + timedelta(minutes=1)
    )


def test_a_journeys_own_values_compare_as_numbers_and_as_texts() -> None:
    context = {"score": 9, "arm": "b", "gift": True}

    assert true_of(person(), {"journey.score": {"at_least": 9}}, **context)
    assert true_of(person(), {"journey.arm": {"in": ["a", "b"]}}, **context)
    assert true_of(person(), {"journey.gift": {"is": True}}, **context)
    assert not true_of(person(), {"journey.arm": {"is": 9}}, **context)
    assert true_of(person(), {"journey.nothing": {"is_missing": True}}, **context)


def test_a_comparison_with_a_value_of_another_kind_is_false_not_an_error() -> None:
    context = {"arm": "b"}

    assert not true_of(person(), {"journey.arm": {"at_least": 9}}, **context)
    assert not true_of(person(), {"journey.arm": {"less_than": 9}}, **context)


def test_the_record_shows_every_value_compared_and_no_address() -> None:
    condition = parse_condition(
        {
            "any": [
                {"customer.orders_count": {"at_least": 1}},
                {"customer.email": {"is_missing": False}},
                {"consent.sms": {"is": "subscribed"}},
                {"cart.total": {"at_least": 20}},
                {"products.bought": {"includes": "p1"}},
                {"customer.last_order": {"within": "1 day"}},
            ]
        },
        "test",
    )
    ana = person(
        orders_count=3,
        email="ana@example.com",
        consent={"sms": ConsentNow(state="pending", since=NOW, source="form")},
        carts=(cart_of(),),
        last_order_at=days_ago(2),
    )

    evaluation = holds(condition, ana, {}, NOW)

    assert evaluation.compared == {
        "customer.orders_count at_least 1": 3,
        "customer.email is_missing false": "known",
        "consent.sms is subscribed": "pending",
        "cart.total at_least 20": "49.50 EUR",
        "products.bought includes p1": None,
        "customer.last_order within 1 day": "2026-02-28T09:00:00+00:00",
    }
    assert json.dumps(evaluation.compared)


def test_nothing_is_true_of_an_erased_person() -> None:
    gone = person(erased=True)

    assert not true_of(gone, {"none": [{"customer.country": {"is": "US"}}]})
