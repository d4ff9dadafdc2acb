"""The sandbox's webhooks, signed and trimmed as Shopify does, are what our reader reads."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from app import clock as app_clock
from app.errors import BadSignature
from app.events import (
    CartSeen,
    ConsentChanged,
    CustomerSeen,
    DataRequested,
    ErasureRequested,
    Fact,
    OrderSeen,
    OrderStatus,
    ProductSeen,
    RefundSeen,
    StoreErasureRequested,
    StoreUninstalled,
)
from app.platforms import Delivery, Platform, ShopFacts
from app.platforms.shopify.graphql import GraphQL
from app.platforms.shopify.payloads import Shopify, shop_of
from app.platforms.shopify.shop import ShopifyShop
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from app.sandbox.shopify.deliveries import GAPS
from tests.conftest import Clock
from tests.contract.asking import find_orders
from tests.contract.shopify.conftest import Door

FACTS = ShopFacts(currency="EUR", timezone="Europe/Rome", domain="officina.myshopify.com")
PLATFORM: Platform = Shopify()


def read(world: ShopifyWorld, deliveries: Sequence[Delivery]) -> list[Fact]:
    facts: list[Fact] = []
    for delivery in deliveries:
        verified = PLATFORM.verify(delivery, [world.api_secret])
        facts += PLATFORM.normalise(verified.topic, delivery.body, FACTS, app_clock.now())
    return facts


def test_a_shoppers_whole_way_is_told_in_facts(
    clock: Clock, world: ShopifyWorld, door: Door, officina: SandboxShop
) -> None:
    oil = officina.add_product("Olio di lavanda", 1999, kind="Oli")
    cart = officina.cart([oil])
    officina.checkout(cart, email="Ana@example.com")
    clock.advance(hours=1)
    order = officina.order(cart)
    ana = officina.find_customer(email="ana@example.com")
    assert ana is not None
    officina.set_consent(ana, "email", "subscribed")
    officina.refund(order)

    world.pump()

    facts = read(world, door.deliveries)
    carts = [fact for fact in facts if isinstance(fact, CartSeen)]
    orders = [fact for fact in facts if isinstance(fact, OrderSeen)]
    assert [one.completed for one in carts] == [False, False, True]
    assert carts[-1].cart_keys == (cart.checkout_token, cart.token)
    assert carts[-1].person.email == "ana@example.com"
    assert {one.cart_keys for one in orders} == {(cart.checkout_token, cart.token)}
    assert [one.status for one in orders] == [
        OrderStatus.PAID,
        OrderStatus.PAID,
        OrderStatus.REFUNDED,
    ]
    assert orders[0].person.platform_key == str(ana.key)
    kinds = {type(fact) for fact in facts}
    assert {CustomerSeen, ProductSeen, ConsentChanged, RefundSeen} <= kinds


def test_a_body_is_trimmed_to_the_fields_the_app_file_names(
    world: ShopifyWorld, door: Door, officina: SandboxShop
) -> None:
    officina.order(None, [officina.add_product("Olio", 1)], email="ana@example.com")

    world.pump()

    bodies = [d.body for d in door.deliveries if d.headers["x-shopify-topic"] == "orders/create"]
    assert b'"updated_at"' in bodies[0]
    assert b"presentment_currency" not in bodies[0]


def test_an_order_by_webhook_and_by_api_is_one_fact(
    world: ShopifyWorld, door: Door, officina: SandboxShop, shop: ShopifyShop
) -> None:
    oil = officina.add_product("Olio", 1999)
    ana = officina.add_customer("ana@example.com", first_name="Ana", country="IT", region="TO")
    officina.order(None, {oil.key: 2}, customer=ana, landing_site="/?utm_source=comeback")

    world.pump()
    told = [fact for fact in read(world, door.deliveries) if isinstance(fact, OrderSeen)]
    asked = find_orders(
        shop, told[0].person, cart_keys=[], since=app_clock.now() - timedelta(hours=1)
    )

    assert asked == told[:1]


def test_a_failed_delivery_comes_again_with_growing_gaps_and_the_same_id(
    clock: Clock, world: ShopifyWorld, door: Door, officina: SandboxShop
) -> None:
    door.statuses = [503, 500, 302]
    officina.add_customer("ana@example.com")

    statuses = [posted.status for posted in world.pump()]
    for gap in GAPS[:3]:
        clock.advance(seconds=gap.total_seconds() - 1)
        assert world.pump() == []
        clock.advance(seconds=1)
        statuses += [posted.status for posted in world.pump()]

    assert statuses == [503, 500, 302, 200]
    assert len({d.headers["x-shopify-webhook-id"] for d in door.deliveries}) == 1
    assert len({d.body for d in door.deliveries}) == 1


def test_after_eight_more_tries_a_delivery_is_given_up(
    clock: Clock, world: ShopifyWorld, door: Door, officina: SandboxShop
) -> None:
    door.statuses = [500] * 20
    officina.add_customer("ana@example.com")
    world.pump()
    for gap in GAPS:
        clock.advance(seconds=gap.total_seconds())
        world.pump()
    clock.advance(days=1)

    assert world.pump() == []
    assert len(door.deliveries) == 9
    assert sum(GAPS, timedelta()) <= timedelta(hours=4)


def test_a_custom_apps_subscription_dies_with_its_deliveries_and_is_made_again(
    clock: Clock, world: ShopifyWorld, door: Door, api: GraphQL
) -> None:
    there = world.add_shop("own.myshopify.com", "EUR")
    world.custom_app(there, "shpat_own", "own-secret")
    own = ShopifyShop(there.domain, "shpat_own", api, own_app=True)
    own.register_webhooks(door.url, "")
    door.statuses = [500] * 9
    there.add_customer("ana@example.com")
    world.pump()
    for gap in GAPS:
        clock.advance(seconds=gap.total_seconds())
        world.pump()

    assert own.register_webhooks(door.url, "").created == ("customers/create",)


def test_duplicates_keep_their_id_and_any_order_may_come(
    world: ShopifyWorld, door: Door, officina: SandboxShop
) -> None:
    for n in range(6):
        officina.add_customer(f"p{n}@example.com")
    world.office.repeat(2)
    world.office.shuffle(seed=7)

    world.pump()

    keys = [d.headers["x-shopify-webhook-id"] for d in door.deliveries]
    seen = [
        fact.person.email for fact in read(world, door.deliveries) if isinstance(fact, CustomerSeen)
    ]
    assert (len(keys), len(set(keys))) == (8, 6)
    assert seen != sorted(email for email in seen if email)


@pytest.mark.parametrize("prefix", ["X-Shopify-", "Shopify-"])
def test_both_header_families_are_delivered_and_read(
    world: ShopifyWorld, door: Door, officina: SandboxShop, prefix: str
) -> None:
    world.office.prefix = prefix
    officina.add_customer("ana@example.com")

    world.pump()

    (delivery,) = door.deliveries
    verified = PLATFORM.verify(delivery, [world.api_secret])
    assert (verified.topic, shop_of(delivery)) == ("customers/create", officina.domain)
    assert verified.triggered_at == app_clock.now()


def test_a_custom_apps_webhooks_are_signed_with_its_own_secret(
    world: ShopifyWorld, door: Door, api: GraphQL
) -> None:
    there = world.add_shop("own.myshopify.com", "EUR")
    world.custom_app(there, "shpat_own", "own-secret")
    ShopifyShop(there.domain, "shpat_own", api, own_app=True).register_webhooks(door.url, "")
    there.add_customer("ana@example.com")

    world.pump()

    (delivery,) = door.deliveries
    assert PLATFORM.verify(delivery, ["own-secret"]).topic == "customers/create"
    with pytest.raises(BadSignature):
        PLATFORM.verify(delivery, [world.api_secret])


def test_an_uninstall_is_told_at_once_and_the_erasure_two_days_later(
    clock: Clock, world: ShopifyWorld, door: Door, officina: SandboxShop
) -> None:
    world.uninstall(officina)
    officina.add_customer("late@example.com")

    world.pump()
    at_once = read(world, door.deliveries)
    clock.advance(hours=48)
    world.pump()

    assert [type(fact) for fact in at_once] == [StoreUninstalled]
    assert isinstance(read(world, door.deliveries)[-1], StoreErasureRequested)


def test_the_law_is_heard(world: ShopifyWorld, door: Door, officina: SandboxShop) -> None:
    ana = officina.add_customer("ana@example.com")
    order = officina.order(None, [officina.add_product("Olio", 1)], customer=ana)
    officina.request_data(ana)
    officina.redact(ana)

    world.pump()

    request, erasure = read(world, door.deliveries)[-2:]
    assert isinstance(request, DataRequested)
    assert isinstance(erasure, ErasureRequested)
    assert (erasure.person.email, erasure.order_keys) == ("ana@example.com", (str(order.key),))


def test_withheld_personal_data_arrives_empty_and_is_no_mistake(
    world: ShopifyWorld, door: Door, officina: SandboxShop
) -> None:
    officina.withholds_personal_data = True
    officina.order(None, [officina.add_product("Olio", 1)], email="ana@example.com")

    world.pump()

    orders = [fact for fact in read(world, door.deliveries) if isinstance(fact, OrderSeen)]
    assert orders
    assert all(one.person.email is None for one in orders)
