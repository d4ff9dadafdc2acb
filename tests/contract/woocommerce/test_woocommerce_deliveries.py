"""Webhooks of a running shop, received over HTTP, verified and told in our words."""

from collections.abc import Iterator

import pytest

from app import clock as app_clock
from app.errors import BadSignature, MalformedPayload
from app.events import (
    CartSeen,
    ConsentChanged,
    ConsentState,
    CustomerDeleted,
    CustomerSeen,
    Fact,
    OrderDeleted,
    OrderSeen,
    OrderStatus,
    ProductSeen,
)
from app.platforms import Delivery, ShopFacts
from app.platforms.woocommerce import WooCommerce, WooCommerceShop, is_ping
from app.sandbox.woocommerce import Settings, Shopper, WooWorld
from tests.conftest import Clock
from tests.contract.woocommerce.conftest import Receiver, running, shop_of

SECRET = "5f0d4c1b8a7e"
ANA = Shopper(email="Ana@Example.com", first_name="Ana", session="s-1")
PLATFORM = WooCommerce()


@pytest.fixture
def hooked(world: WooWorld, shop: WooCommerceShop, receiver: Receiver) -> WooWorld:
    """The shop with our webhooks, its pings answered."""
    shop.register_webhooks(f"{receiver.url}/hook", SECRET)
    world.pump()
    receiver.taken.clear()
    return world


def told(world: WooWorld, delivery: Delivery) -> list[Fact]:
    verified = PLATFORM.verify(delivery, [SECRET])
    settings = world.site.settings
    facts = ShopFacts(currency=settings.currency, timezone="UTC", domain="shop.example")
    return PLATFORM.normalise(verified.topic, delivery.body, facts, app_clock.now())


def pumped(world: WooWorld, receiver: Receiver) -> list[list[Fact]]:
    """What each delivery says, pings left out."""
    receiver.taken.clear()
    world.pump()
    return [told(world, delivery) for delivery in receiver.taken if not is_ping(delivery)]


def test_a_ping_comes_first_and_is_recognised(
    world: WooWorld, shop: WooCommerceShop, receiver: Receiver
) -> None:
    report = shop.register_webhooks(f"{receiver.url}/hook", SECRET)
    world.pump()

    assert len(receiver.taken) == len(report.created)
    assert all(is_ping(delivery) for delivery in receiver.taken)
    with pytest.raises(BadSignature):
        PLATFORM.verify(receiver.taken[0], [SECRET])


def test_a_ping_that_was_not_answered_comes_again_after_real_events(
    world: WooWorld, shop: WooCommerceShop, receiver: Receiver
) -> None:
    receiver.status = 503
    shop.register_webhooks(f"{receiver.url}/hook", SECRET)
    world.pump()
    receiver.taken.clear()
    receiver.status = 200
    world.site.hooks = {k: h for k, h in world.site.hooks.items() if h.topic == "product.created"}
    world.late_pings = True
    world.add_product("Tè", "9.90")
    world.pump()

    assert receiver.topics == ["product.created", "ping"]


@pytest.mark.requirement(112)
def test_a_classic_order_is_told_as_created_and_updated_with_the_same_bytes(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    hooked.place_order(ANA, {tea.id: 1})

    created, updated = pumped(hooked, receiver)

    assert receiver.topics == ["order.created", "order.updated"]
    assert receiver.taken[0].body == receiver.taken[1].body
    assert created == updated


def test_a_created_event_may_already_say_that_it_is_paid(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    order = hooked.place_order(ANA, {tea.id: 1})
    hooked.set_status(order, "completed")

    [[order_seen], _] = pumped(hooked, receiver)

    assert isinstance(order_seen, OrderSeen)
    assert order_seen.status is OrderStatus.PAID


def test_a_block_checkouts_order_is_updated_before_it_is_created(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    draft = hooked.draft(ANA, {tea.id: 1})
    [[cart]] = pumped(hooked, receiver)
    hooked.place_order(ANA, {tea.id: 1}, draft=draft)
    [[order], _] = pumped(hooked, receiver)

    assert receiver.topics == ["order.updated", "order.created"]
    assert isinstance(cart, CartSeen)
    assert isinstance(order, OrderSeen)
    assert set(cart.cart_keys) <= set(order.cart_keys)


def test_four_orders_of_one_second_share_a_delivery_id_and_none_is_lost(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    for number in range(4):
        hooked.place_order(Shopper(email=f"{number}@example.com"), {tea.id: 1})
    pumped(hooked, receiver)

    created = [d for d in receiver.taken if d.headers["x-wc-webhook-topic"] == "order.created"]
    assert len({d.headers["x-wc-webhook-delivery-id"] for d in created}) == 1
    assert len({PLATFORM.verify(d, [SECRET]).webhook_key for d in created}) == 4


def test_the_plugins_carts_arrive_as_they_were_and_the_order_ends_them(
    hooked: WooWorld, receiver: Receiver, clock: Clock
) -> None:
    tea, cup = hooked.add_product("Tè", "9.90"), hooked.add_product("Tazza", "12.00")
    hooked.pump()
    hooked.cart_snapshot(ANA, {tea.id: 1})
    clock.advance(seconds=9)
    hooked.cart_snapshot(ANA, {tea.id: 1, cup.id: 2})
    hooked.place_order(ANA, {tea.id: 1, cup.id: 2})

    [[first], [second], [order], _] = pumped(hooked, receiver)

    assert isinstance(first, CartSeen)
    assert isinstance(second, CartSeen)
    assert isinstance(order, OrderSeen)
    assert (len(first.lines), len(second.lines)) == (1, 2)
    assert first.updated_at < second.updated_at
    assert second.total_minor == 3390
    assert second.cart_keys[0] in order.cart_keys


def test_an_order_left_at_the_payment_page_is_an_open_cart_until_it_is_paid(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    order = hooked.place_order(ANA, {tea.id: 1}, pays=False)
    [[waiting, cart], _] = pumped(hooked, receiver)
    hooked.pay(order)
    [[paid]] = pumped(hooked, receiver)

    assert isinstance(waiting, OrderSeen)
    assert isinstance(cart, CartSeen)
    assert isinstance(paid, OrderSeen)
    assert (waiting.status, waiting.cart_keys) == (OrderStatus.PENDING, ())
    assert (paid.status, paid.cart_keys) == (OrderStatus.PAID, cart.cart_keys)


def test_refund_cancellation_trash_and_restoration_are_told(
    hooked: WooWorld, receiver: Receiver, clock: Clock
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    order = hooked.place_order(ANA, {tea.id: 2})
    hooked.pump()
    hooked.refund(order, "5.00")
    [[partly]] = pumped(hooked, receiver)
    hooked.refund(order)
    [[fully]] = pumped(hooked, receiver)
    hooked.cancel(order)
    [[cancelled]] = pumped(hooked, receiver)
    hooked.trash_order(order)
    clock.advance(minutes=1)
    [[deleted]] = pumped(hooked, receiver)
    hooked.restore_order(order)
    [[restored]] = pumped(hooked, receiver)

    assert isinstance(partly, OrderSeen)
    assert isinstance(fully, OrderSeen)
    assert isinstance(cancelled, OrderSeen)
    assert isinstance(restored, OrderSeen)
    assert (partly.status, partly.refunds[0].amount_minor) == (OrderStatus.PAID, 500)
    assert fully.status is OrderStatus.REFUNDED
    assert sum(refund.amount_minor for refund in fully.refunds) == fully.total_minor
    assert cancelled.cancelled_at is not None
    assert isinstance(deleted, OrderDeleted)
    assert restored.updated_at >= deleted.updated_at


def test_an_order_gone_before_its_delivery_says_nothing(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    order = hooked.place_order(ANA, {tea.id: 1})
    del hooked.site.orders[order.id]

    assert pumped(hooked, receiver) == [[], []]
    assert b'"status":404' in receiver.taken[0].body


def test_an_owner_who_lost_their_rights_is_told_to_connect_again(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    hooked.place_order(ANA, {tea.id: 1})
    hooked.site.owner_has_rights = False

    with pytest.raises(MalformedPayload, match="Connect the store again"):
        pumped(hooked, receiver)


def test_customers_choices_and_their_deletion_are_told(
    hooked: WooWorld, receiver: Receiver, clock: Clock
) -> None:
    account = hooked.add_customer(ANA)
    [[seen], _] = pumped(hooked, receiver)
    clock.advance(seconds=5)
    hooked.set_consent(account, "email", "unsubscribed")
    [[_, choice]] = pumped(hooked, receiver)
    hooked.delete_customer(account)
    [[gone]] = pumped(hooked, receiver)

    assert isinstance(seen, CustomerSeen)
    assert isinstance(choice, ConsentChanged)
    assert isinstance(gone, CustomerDeleted)
    assert choice.state is ConsentState.UNSUBSCRIBED
    assert choice.updated_at > seen.updated_at
    assert gone.platform_key == seen.person.platform_key


def test_a_guests_box_and_campaign_come_with_the_order(
    hooked: WooWorld, receiver: Receiver
) -> None:
    tea = hooked.add_product("Tè", "9.90")
    hooked.pump()
    guest = Shopper(
        email="g@example.com",
        consents={"email": "subscribed"},
        utm={"utm_source": "email", "utm_campaign": "win-back", "session_pages": "3"},
    )
    hooked.place_order(guest, {tea.id: 1})

    [[order, consent], _] = pumped(hooked, receiver)

    assert isinstance(order, OrderSeen)
    assert isinstance(consent, ConsentChanged)
    assert order.utm == {"utm_source": "email", "utm_campaign": "win-back"}
    assert consent.person.email == "g@example.com"


def test_a_failed_delivery_is_never_repeated_and_the_seventh_disables_the_hook(
    hooked: WooWorld, receiver: Receiver, shop: WooCommerceShop
) -> None:
    receiver.status = 503
    for number in range(6):
        hooked.add_product(f"Tè {number}", "9.90")
        assert len(hooked.pump()) == 1
    [hook] = [h for h in hooked.site.hooks.values() if h.topic == "product.created"]
    assert hook.status == "active"
    hooked.add_product("Tè 7", "9.90")
    hooked.pump()
    hooked.add_product("Tè 8", "9.90")

    assert hook.status == "disabled"
    assert hooked.pump() == []

    receiver.status = 200
    report = shop.register_webhooks(f"{receiver.url}/hook", SECRET)
    hooked.add_product("Tè 9", "9.90")
    [[product]] = pumped(hooked, receiver)

    assert report.repaired == ("product.created",)
    assert report.created == ()
    assert isinstance(product, ProductSeen)
    assert product.title == "Tè 9"


def test_one_success_forgives_all_failures_before(hooked: WooWorld, receiver: Receiver) -> None:
    for status in [503] * 6 + [200] + [503] * 6:
        receiver.status = status
        hooked.add_product("Tè", "9.90")
        hooked.pump()

    assert all(hook.status == "active" for hook in hooked.site.hooks.values())


@pytest.mark.parametrize(
    ("currency", "decimals", "price", "minor"),
    [("JPY", 0, "1200", 1200), ("KWD", 3, "1.234", 1234), ("EUR", 2, "9.90", 990)],
)
def test_money_arrives_in_the_units_of_its_currency(
    clock: Clock, receiver: Receiver, *, currency: str, decimals: int, price: str, minor: int
) -> None:
    for world in _worlds(Settings(currency=currency, decimals=decimals)):
        shop_of(world).register_webhooks(f"{receiver.url}/hook", SECRET)
        tea = world.add_product("Tè", price)
        world.cart_snapshot(ANA, {tea.id: 1})
        world.place_order(ANA, {tea.id: 1})

        [[product], [cart], [order], _] = pumped(world, receiver)

        assert isinstance(product, ProductSeen)
        assert isinstance(cart, CartSeen)
        assert isinstance(order, OrderSeen)
        assert product.price_minor == cart.total_minor == order.total_minor == minor


def _worlds(settings: Settings) -> Iterator[WooWorld]:
    yield from running(settings)
