"""From facts as a shop tells them to a planned message, and to none, through the rooms below."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from app import customers, flows
from app.customers import Incoming
from app.events import CartSeen, CustomerFact, CustomerSeen, Line, OrderSeen, OrderStatus, Person
from app.stores.settings import StoreSettings
from app.tenancy import store_transaction
from tests.integration.flows.conftest import Shop

ANA = Person(platform_key="c-1", email="ana@example.com", country="IT")
LINE = Line(line_key="1", product_key="p-1", title="Tea", quantity=1, total_minor=5_000)
CART = """\
  - send: {channel: email, message: hello, deadline: 16 hours}
  - wait: {for: 24 hours, since: entry}
  - send: {channel: email, message: again, deadline: 16 hours}"""


def tell(shop: Shop, facts: Sequence[CustomerFact]) -> None:
    """What the inbox does with facts."""
    incoming = [Incoming(fact=fact, source="webhook", live=True) for fact in facts]
    with store_transaction(shop.store_id) as session:
        keys = shop.connections.config.keys
        changes = customers.apply(session, incoming, shop.clock(), keys=keys)
        flows.fire(session, shop.store(session), changes, shop.clock())


def look_at_carts(shop: Shop) -> None:
    """What the ticker asks for."""
    with store_transaction(shop.store_id) as session:
        changes = customers.sweep_carts(session, StoreSettings(), shop.clock(), 100)
        flows.fire(session, shop.store(session), changes, shop.clock())


def cart_is_left(shop: Shop) -> None:
    shop.has_flow(
        CART, purpose="cart", trigger="{event: cart_abandoned}", goal="{event: order_placed}"
    )
    now = shop.clock()
    cart = CartSeen(
        cart_keys=("t-1",),
        person=ANA,
        currency="EUR",
        total_minor=5_000,
        lines=(LINE,),
        recovery_url="https://shop.example/cart/1",
        created_at=now,
        updated_at=now,
    )
    tell(shop, [CustomerSeen(person=ANA, created_at=now, updated_at=now), cart])
    shop.clock.advance(minutes=61)
    look_at_carts(shop)
    shop.advance()


def ordered(shop: Shop, person: Person) -> OrderSeen:
    now = shop.clock()
    return OrderSeen(
        order_key="o-1",
        number="1001",
        person=person,
        status=OrderStatus.PAID,
        currency="EUR",
        total_minor=5_000,
        lines=(LINE,),
        cart_keys=("t-1",),
        placed_at=now,
        updated_at=now,
    )


@pytest.mark.requirement(65)
def test_a_cart_left_alone_is_written_about_after_an_hour_and_a_day(shop: Shop) -> None:
    cart_is_left(shop)
    shop.clock.advance(hours=24)
    shop.advance()

    assert [message.name for message in shop.messages()] == ["hello", "again"]
    assert shop.messages()[0].context["cart_id"] == shop.journeys()[0].context["cart_id"]


@pytest.mark.requirement(65, 72)
@pytest.mark.parametrize("email", ["ana@example.com", "ana@work.example"])
def test_whoever_buys_the_cart_under_whatever_address_ends_its_journey(
    shop: Shop, email: str
) -> None:
    cart_is_left(shop)
    shop.clock.advance(hours=2)

    tell(shop, [ordered(shop, Person(email=email))])
    shop.clock.advance(hours=30)

    assert shop.advance() == 0
    assert [j.status for j in shop.journeys()] == ["exited"]
    assert [j.end_reason for j in shop.journeys()] == ["goal_reached"]
    assert "again" not in [message.name for message in shop.messages()]


def test_an_order_five_hours_late_still_ends_the_journey(shop: Shop) -> None:
    cart_is_left(shop)
    late = ordered(shop, ANA)
    shop.clock.advance(hours=5)

    tell(shop, [late])

    assert [j.status for j in shop.journeys()] == ["exited"]
    assert shop.journeys()[0].converted_at == late.placed_at
    assert shop.clock() - late.placed_at == timedelta(hours=5)


@pytest.mark.requirement(47)
@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED])
def test_an_order_that_is_undone_ends_the_journey_it_began(shop: Shop, status: OrderStatus) -> None:
    steps = "  - wait: {for: 7 days, since: entry}\n  - send: {channel: email, message: hello}"
    shop.has_flow(steps, purpose="post_sale", trigger="{event: order_placed}")
    order = ordered(shop, ANA)
    tell(shop, [order])
    shop.clock.advance(hours=2)

    tell(shop, [replace(order, status=status, updated_at=shop.clock())])

    (journey,) = shop.journeys()
    assert (journey.status, journey.end_reason) == ("exited", "order_cancelled")
    assert shop.reasons() == ["entered", "order_cancelled"]
