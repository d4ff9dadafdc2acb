"""What an import makes of a store: orders and people, once, however rows and files are ordered."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from app import clock, customers
from app.customers import ChangeKind, Incoming
from app.events import OrderSeen, OrderStatus, Person, Refund
from app.models import Customer, Order
from app.platforms.csvfile import read_mapping
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.integration.imports.history import KEYS, PAYLOADS, Heard, state, take, waiting

SHOPIFY = PAYLOADS / "shopify_orders.csv"


def _order(store_id: UUID, key: str) -> Order:
    with store_transaction(store_id) as session:
        return session.get_one(Order, (store_id, key))


def _webhook(store_id: UUID, fact: OrderSeen) -> list[ChangeKind]:
    with store_transaction(store_id) as session:
        incoming = [Incoming(fact=fact, source="webhook", live=True)]
        changes = customers.apply(session, incoming, clock.now(), keys=KEYS)
    return [change.kind for change in changes]


def _paid(key: str, **values: object) -> OrderSeen:
    order = OrderSeen(
        order_key=key,
        number="#1001",
        person=Person(email="anna@example.com"),
        status=OrderStatus.PAID,
        currency="EUR",
        total_minor=11500,
        placed_at=_MOMENT,
        updated_at=_MOMENT,
    )
    return replace(order, **values)  # type: ignore[arg-type]


_MOMENT = clock.now().replace(2025, 10, 7, 7, 50, 20, 0)
_EXPORTED = clock.now().replace(2025, 10, 8, 12, 21, 21, 0)
"""The newest date that the export names for its first order."""


def test_an_export_becomes_orders_lines_refunds_and_customers(store_id: UUID) -> None:
    outcome = take(store_id, SHOPIFY)

    found = state(store_id)
    assert (outcome.rows, outcome.new, outcome.problems) == (4, 3, 0)
    assert [row["order_key"] for row in found["orders"]] == [
        "7410991464714",
        "7410991464715",
        "7410991464716",
    ]
    assert len(found["lines"]) == 4
    anna = next(row for row in found["customers"] if row["email"] == "anna@example.com")
    assert (anna["orders_count"], anna["spent_minor"]) == (1, 10500)
    assert waiting() == 0


def test_an_order_that_names_nobody_makes_no_customer(store_id: UUID) -> None:
    take(store_id, SHOPIFY)

    assert _order(store_id, "7410991464715").customer_id is None
    assert {row["email"] for row in state(store_id)["customers"]} == {
        "anna@example.com",
        "bruno@example.com",
    }


def test_a_second_run_changes_nothing(store_id: UUID) -> None:
    take(store_id, SHOPIFY, PAYLOADS / "woocommerce_items.csv")
    before = state(store_id)

    again = take(store_id, PAYLOADS / "woocommerce_items.csv", SHOPIFY)

    assert (again.new, again.changed, again.unchanged) == (0, 0, 5)
    assert state(store_id) == before


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_repeated_and_overlapping_files_give_the_same_state(
    tmp_path: Path, make_store: MakeStore, seed: int
) -> None:
    header, *rows = SHOPIFY.read_text().splitlines(keepends=True)
    Random(seed).shuffle(rows)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(header + "".join(rows[:3] + rows[:1]))
    second.write_text(header + "".join(rows[1:]))
    whole, pieces = make_store(), make_store()

    take(whole, SHOPIFY)
    outcome = take(pieces, second, first)

    assert outcome.problems == 0
    assert state(pieces) == state(whole)


def test_a_later_webhook_wins_over_an_import_whatever_comes_first(make_store: MakeStore) -> None:
    later = _paid("7410991464714", total_minor=9900, updated_at=_EXPORTED + timedelta(days=1))
    import_first, webhook_first = make_store(), make_store()

    take(import_first, SHOPIFY)
    _webhook(import_first, later)
    _webhook(webhook_first, later)
    outcome = take(webhook_first, SHOPIFY)

    assert _order(import_first, "7410991464714").total_minor == 9900
    assert _order(webhook_first, "7410991464714").total_minor == 9900
    assert (outcome.new, outcome.unchanged) == (2, 1)


def test_the_shop_s_word_of_the_same_second_wins_over_an_import(store_id: UUID) -> None:
    take(store_id, SHOPIFY)
    _webhook(store_id, _paid("7410991464714", total_minor=1, updated_at=_EXPORTED))

    assert _order(store_id, "7410991464714").total_minor == 1


def test_an_import_wins_over_an_older_webhook(store_id: UUID) -> None:
    _webhook(store_id, _paid("7410991464714", total_minor=1))

    outcome = take(store_id, SHOPIFY)

    assert (outcome.new, outcome.changed) == (2, 1)
    assert _order(store_id, "7410991464714").total_minor == 11500


def test_a_refund_known_as_a_sum_is_not_added_to_the_refund_itself(make_store: MakeStore) -> None:
    refund = Refund(refund_key="5", amount_minor=1000, refunded_at=_EXPORTED)
    later = _paid("7410991464714", refunds=(refund,), updated_at=_EXPORTED + timedelta(days=1))
    import_first, webhook_first = make_store(), make_store()

    take(import_first, SHOPIFY)
    _webhook(import_first, later)
    _webhook(webhook_first, later)
    take(webhook_first, SHOPIFY)

    assert _order(import_first, "7410991464714").refunded_minor == 1000
    assert _order(webhook_first, "7410991464714").refunded_minor == 1000


def test_a_wrong_import_is_put_right_by_the_next_one(store_id: UUID, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id,placed_at,right,wrong\n1,2026-01-05,19.50,15.25\n")
    wrong, right = (
        read_mapping(f"columns: {{order_total: {name}}}") for name in ("wrong", "right")
    )

    take(store_id, path, mapping=wrong)
    corrected = take(store_id, path, mapping=right)
    again = take(store_id, path, mapping=right)

    assert (corrected.changed, again.unchanged) == (1, 1)
    assert _order(store_id, "1").total_minor == 1950


def test_the_rest_of_an_order_is_added_when_its_broken_row_is_mended(
    store_id: UUID, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    text = (
        "order_id,placed_at,status,title,line_total,order_total\n"
        "1,2026-01-05,paid,Soap,9.50,12.50\n1,2026-01-05,paid,Oil,three,12.50\n"
    )
    path.write_text(text)
    first = take(store_id, path)
    path.write_text(text.replace("three", "3.00"))

    mended = take(store_id, path)

    assert (first.new, first.problems, mended.changed) == (1, 1, 1)
    assert {row["title"] for row in state(store_id)["lines"]} == {"Oil", "Soap"}


def test_half_an_order_in_a_later_import_is_reported(store_id: UUID, tmp_path: Path) -> None:
    head = "order_id,placed_at,status,title,line_total,order_total\n"
    rows = "1,2026-01-05,paid,Soap,9.50,12.50\n1,2026-01-05,paid,Oil,3.00,12.50\n"
    whole, half = tmp_path / "whole.csv", tmp_path / "half.csv"
    whole.write_text(head + rows)
    half.write_text(head + rows.splitlines()[1] + "\n")
    heard = Heard()

    take(store_id, whole)
    outcome = take(store_id, half, heard=heard)

    assert (outcome.changed, outcome.problems) == (1, 1)
    assert "has 1 lines now, 2 by an earlier import" in heard.problems[0].problem
    assert "in one command" in heard.problems[0].fix


def test_two_stores_do_not_see_each_other_s_imports(make_store: MakeStore) -> None:
    ours, theirs = make_store(), make_store()

    take(ours, SHOPIFY)
    take(theirs, PAYLOADS / "woocommerce_items.csv")

    assert {row["order_key"] for row in state(theirs)["orders"]} == {"901", "902"}
    assert len(state(ours)["orders"]) == 3
    with store_transaction(theirs) as session:
        assert session.get(Order, (ours, "7410991464714")) is None


def test_an_import_never_asks_for_a_journey(store_id: UUID) -> None:
    take(store_id, SHOPIFY)

    kinds = _webhook(store_id, _paid("7410991464714", updated_at=_EXPORTED + timedelta(days=1)))

    assert ChangeKind.ORDER_PLACED not in kinds


def test_currencies_without_and_with_three_decimals_are_counted_right(
    make_store: MakeStore, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,placed_at,email,order_total,currency\n"
        "1,2026-01-05,a@example.com,1200,JPY\n2,2026-01-05,a@example.com,1.2345,KWD\n"
    )
    store_id = make_store(currency="JPY", timezone="Asia/Tokyo")

    take(store_id, path)

    assert [row["total_minor"] for row in state(store_id)["orders"]] == [1200, 1235]
    with store_transaction(store_id) as session:
        (customer,) = session.query(Customer).all()
    assert (customer.orders_count, customer.spent_minor) == (2, 1200)


def test_broken_rows_cost_only_themselves(store_id: UUID) -> None:
    heard = Heard()

    outcome = take(store_id, PAYLOADS / "plain_broken.csv", heard=heard)

    assert (outcome.new, outcome.problems, len(heard.problems)) == (2, 12, 12)
    email = next(problem for problem in heard.problems if problem.column == "email")
    assert (email.line, email.value, email.problem) == (
        5,
        "not an address",
        "is no e-mail address",
    )
    assert waiting() == 0
