"""Credit: the last touch within its window, refunds taken back, the same on every recount."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from app import db
from app.attribution import credit_orders, recount, summary
from app.channels import ChannelName, Receipt, ReceiptStatus
from app.events import OrderStatus, Refund
from app.messages import take_receipts
from app.models import Credit, Journey, Store
from app.offers import mint_due
from app.tenancy import store_transaction
from tests.fakes.town import Town


def sent(town: Town, slug: str = "cart-reminder", **values: Any) -> UUID:
    message_id = town.plan(town.journey(slug), **values)
    town.send()
    return message_id


def click(town: Town, message_id: UUID) -> None:
    receipt = Receipt(
        receipt_key=f"{message_id}{town.clock.moment}",
        status=ReceiptStatus.CLICKED,
        occurred_at=town.clock.moment,
        message_id=message_id,
    )
    take_receipts(town.store_id, "klaviyo", [receipt], town.config.keys)


def deliver(town: Town, message_id: UUID) -> None:
    receipt = Receipt(
        receipt_key=f"d{message_id}",
        status=ReceiptStatus.DELIVERED,
        occurred_at=town.clock.moment,
        message_id=message_id,
    )
    take_receipts(town.store_id, "klaviyo", [receipt], town.config.keys)


def buy(town: Town, **values: Any) -> None:
    town.tell(town.order(**values))
    count(town, values.get("order_key", "o-1"))


def count(town: Town, order_key: str = "o-1") -> None:
    with store_transaction(town.store_id) as session:
        store = session.get_one(Store, town.store_id)
        credit_orders(session, store, [order_key], town.clock.moment)


def credits(town: Town) -> list[tuple[UUID, str, int, int, datetime]]:
    with store_transaction(town.store_id) as session:
        rows = session.scalars(select(Credit).order_by(Credit.order_key))
        return [
            (c.message_id, c.touch, c.amount_minor, c.reversed_minor, c.credited_at) for c in rows
        ]


@pytest.mark.requirement(20, 99)
def test_an_order_after_a_click_is_credited_in_full(town: Town) -> None:
    message_id = sent(town)
    click(town, message_id)
    town.clock.advance(days=4)

    buy(town)

    assert [row[:4] for row in credits(town)] == [(message_id, "click", 4_200, 0)]


def test_a_mail_that_was_only_delivered_earns_nothing(town: Town) -> None:
    deliver(town, sent(town))
    town.clock.advance(hours=1)

    buy(town)

    assert credits(town) == []


def test_a_click_before_the_window_earns_nothing(town: Town) -> None:
    click(town, sent(town))
    town.clock.advance(days=5, seconds=1)

    buy(town)

    assert credits(town) == []


@pytest.mark.requirement(99)
@pytest.mark.parametrize(("days", "earns"), [(2, True), (2.01, False)])
def test_each_channel_has_its_own_window(town: Town, days: float, earns: bool) -> None:
    click(town, sent(town, channel=ChannelName.SMS))
    town.clock.advance(days=days)

    buy(town)

    assert bool(credits(town)) is earns


def test_a_click_after_the_order_earns_nothing(town: Town) -> None:
    message_id = sent(town)
    placed_at = town.clock.moment
    town.clock.advance(minutes=5)
    click(town, message_id)

    buy(town, placed_at=placed_at)

    assert credits(town) == []


def test_the_last_of_two_touches_is_credited(town: Town) -> None:
    first = sent(town)
    click(town, first)
    town.clock.advance(days=1)
    second = sent(town, "second")
    click(town, second)
    town.clock.advance(hours=1)

    buy(town)

    assert [row[0] for row in credits(town)] == [second]


def test_a_code_credits_the_message_that_showed_it_even_without_a_click(town: Town) -> None:
    journey_id = town.journey()
    offer = town.want(journey_id)
    mint_due(town.store_id, town.connections, 5)
    context = {"cart_id": town.cart_id(), "offer": "gift"}
    message_id = town.plan(journey_id, name="gift", context=context)
    town.send()
    town.clock.advance(days=1)

    buy(town, discount_codes=(offer.code.lower(),))

    assert [row[:2] for row in credits(town)] == [(message_id, "code")]


@pytest.mark.requirement(99)
def test_a_refund_after_credit_takes_its_part_back(town: Town) -> None:
    click(town, sent(town))
    town.clock.advance(hours=1)
    order = town.order()
    town.tell(order)
    count(town)
    refunded = replace(
        order,
        refunds=(
            Refund(refund_key="r1", amount_minor=1_200, refunded_at=town.clock.advance(days=3)),
        ),
        updated_at=town.clock.moment,
    )

    town.tell(refunded)
    count(town)

    assert [row[2:4] for row in credits(town)] == [(4_200, 1_200)]


def test_a_cancelled_order_gives_all_of_it_back(town: Town) -> None:
    click(town, sent(town))
    town.clock.advance(hours=1)
    order = town.order()
    town.tell(order)
    count(town)

    town.tell(
        replace(
            order,
            status=OrderStatus.CANCELLED,
            updated_at=town.clock.advance(hours=1),
            cancelled_at=town.clock.moment,
        )
    )
    count(town)

    assert [row[2:4] for row in credits(town)] == [(4_200, 4_200)]


@pytest.mark.parametrize("values", [{"status": OrderStatus.PENDING}, {"test": True}])
def test_what_is_no_purchase_earns_nothing(town: Town, values: dict[str, Any]) -> None:
    click(town, sent(town))
    town.clock.advance(hours=1)

    buy(town, **values)

    assert credits(town) == []


def test_a_recount_gives_the_same_answer(town: Town) -> None:
    click(town, sent(town))
    town.clock.advance(hours=1)
    buy(town)
    buy(town, order_key="o-2", number="1002", total_minor=900)
    before = credits(town)

    town.clock.advance(days=9)
    with store_transaction(town.store_id) as session:
        assert recount(session) == 2

    assert credits(town) == before


def test_a_holdout_is_never_credited(town: Town) -> None:
    message_id = sent(town)
    click(town, message_id)
    with store_transaction(town.store_id) as session:
        session.execute(update(Journey).values(arm="holdout"))
    town.clock.advance(hours=1)

    buy(town)

    assert credits(town) == []


@pytest.mark.requirement(20, 99, 106)
def test_the_summary_sets_both_arms_beside_what_was_earned(town: Town) -> None:
    click(town, sent(town))
    town.journey(arm="holdout", converted_at=town.clock.moment)
    town.journey(arm="holdout")
    town.clock.advance(hours=1)
    buy(town)

    with store_transaction(town.store_id) as session:
        flow = summary(session, town.clock.moment - timedelta(days=1))[0]

    assert (flow.slug, flow.treated, flow.held_out, flow.held_out_converted) == (
        "cart-reminder",
        1,
        2,
        1,
    )
    assert flow.messages == {"email": 1}
    assert [(e.channel, e.orders, e.net_minor) for e in flow.earned] == [("email", 1, 4_200)]


def test_orders_that_owe_nothing_cost_two_statements_however_many_they_are(town: Town) -> None:
    keys = [f"o-{number}" for number in range(20)]
    for key in keys:
        town.tell(town.order(order_key=key, discount_codes=("SUMMER",)))
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    with store_transaction(town.store_id) as session:
        store = session.get_one(Store, town.store_id)
        event.listen(db.engine(), "before_cursor_execute", note)
        credit_orders(session, store, keys, town.clock.moment)
        event.remove(db.engine(), "before_cursor_execute", note)

    assert len(sent) == 2
    assert credits(town) == []
