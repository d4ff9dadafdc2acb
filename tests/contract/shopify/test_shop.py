"""Our Shopify adapter against the sandbox, over real HTTP: what a shop can be asked and told."""

from datetime import timedelta

import pytest

from app import clock as app_clock
from app.errors import Unreachable
from app.events import ConsentChannel, ConsentState, OrderStatus, Person
from app.platforms import CodeCreated, CodeRefused, CodeRequest, Shop
from app.platforms.shopify.graphql import GraphQL
from app.platforms.shopify.shop import ShopifyShop
from app.sandbox.server import Fault
from app.sandbox.shopify import Declined, SandboxShop, ShopifyWorld
from tests.conftest import Clock
from tests.contract.asking import find_orders

HOUR = timedelta(hours=1)


def ask(**changes: object) -> CodeRequest:
    now = app_clock.now()
    values: dict[str, object] = {
        "code": "BACK-7Q2M",
        "title": "Comeback: Ana",
        "percent": 10,
        "amount_minor": None,
        "currency": "EUR",
        "starts_at": now,
        "expires_at": now + timedelta(days=3),
        "platform_customer_key": None,
    }
    return CodeRequest(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.requirement(112)
def test_the_adapter_keeps_the_contract_of_a_shop(shop: ShopifyShop) -> None:
    kept: Shop = shop

    profile = kept.describe()

    assert (profile.domain, profile.currency) == ("officina.myshopify.com", "EUR")
    assert (profile.timezone, profile.locale) == ("Europe/Rome", "en")


# The truth check


def test_nobody_who_has_not_ordered_costs_more_than_one_query(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    officina.add_customer("ana@example.com", "+390110000001")
    person = Person(platform_key="1000001", email="ana@example.com", phone="+390110000001")

    found = find_orders(shop, person, cart_keys=["c", "k"], since=app_clock.now() - HOUR)

    assert found == []
    assert [name for _, name in world.operations] == ["FindOrders"]


def test_an_order_is_found_by_each_identity_alone(shop: ShopifyShop, officina: SandboxShop) -> None:
    oil = officina.add_product("Olio di lavanda", 1999)
    ana = officina.add_customer("ana@example.com", "+390110000001")
    cart = officina.checkout(officina.cart([oil]), ana)
    officina.order(cart)
    identities: list[tuple[Person, list[str]]] = [
        (Person(platform_key=str(ana.key)), []),
        (Person(email="ana@example.com"), []),
        (Person(phone="+390110000001"), []),
        (Person(), [cart.token]),
        (Person(), [cart.checkout_token or ""]),
    ]

    for person, keys in identities:
        found = find_orders(shop, person, cart_keys=keys, since=app_clock.now() - HOUR)

        assert [order.number for order in found] == ["#1001"], (person, keys)


def test_what_is_found_is_the_whole_order(shop: ShopifyShop, officina: SandboxShop) -> None:
    oil = officina.add_product("Olio di lavanda", 1999)
    ana = officina.add_customer("Ana@example.com", first_name="Ana", country="IT")
    placed = officina.order(
        None, {oil.key: 3}, customer=ana, landing_site="/?utm_source=comeback&utm_campaign=cart"
    )
    officina.refund(placed, 500)

    (order,) = find_orders(
        shop, Person(platform_key=str(ana.key)), cart_keys=[], since=app_clock.now() - HOUR
    )

    assert (order.order_key, order.total_minor, order.currency) == (str(placed.key), 5997, "EUR")
    assert order.status is OrderStatus.PAID
    assert [(line.quantity, line.total_minor) for line in order.lines] == [(3, 5997)]
    assert [refund.amount_minor for refund in order.refunds] == [500]
    assert order.person.email == "ana@example.com"
    assert order.utm == {"utm_source": "comeback", "utm_campaign": "cart"}


def test_an_order_from_before_is_not_found(
    clock: Clock, shop: ShopifyShop, officina: SandboxShop
) -> None:
    oil = officina.add_product("Olio", 1999)
    officina.order(None, [oil], email="ana@example.com")
    clock.advance(minutes=30)

    found = find_orders(
        shop,
        Person(email="ana@example.com"),
        cart_keys=[],
        since=app_clock.now() - timedelta(minutes=5),
    )

    assert found == []


def test_an_order_of_the_same_second_is_found(
    clock: Clock, shop: ShopifyShop, officina: SandboxShop
) -> None:
    officina.order(None, [officina.add_product("Olio", 1999)], email="ana@example.com")
    since = clock.advance(microseconds=900_000)

    assert find_orders(shop, Person(email="ana@example.com"), cart_keys=[], since=since)


def test_a_lagging_search_index_does_not_hide_a_fresh_order(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    officina.search_lags = timedelta(minutes=10)
    officina.order(None, [officina.add_product("Olio", 1999)], email="ana@example.com")

    found = find_orders(
        shop, Person(email="ana@example.com"), cart_keys=[], since=app_clock.now() - HOUR
    )

    assert len(found) == 1


def test_an_order_of_another_person_with_a_longer_address_is_not_taken_for_hers(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    officina.order(None, [officina.add_product("Olio", 1999)], email="mariana@example.com")

    found = find_orders(
        shop,
        Person(email='ana@example.com" OR email:"mariana@example.com'),
        cart_keys=[],
        since=app_clock.now() - HOUR,
    )

    assert found == []


def test_an_address_shopify_would_refuse_does_not_spoil_the_question(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    ana = officina.add_customer("ana@example.com")
    officina.order(None, [officina.add_product("Olio", 1999)], customer=ana)
    odd = Person(platform_key=str(ana.key), email="not an address", phone="call me")

    assert find_orders(shop, odd, cart_keys=[], since=app_clock.now() - HOUR)
    assert not shop.write_consent(
        Person(email="not an address", phone="555 0100"),
        ConsentChannel.SMS,
        ConsentState.UNSUBSCRIBED,
        app_clock.now(),
    )


def test_a_person_without_any_identity_is_not_asked_about(
    world: ShopifyWorld, shop: ShopifyShop
) -> None:
    assert find_orders(shop, Person(), cart_keys=[], since=app_clock.now()) == []
    assert world.operations == []


def test_an_order_of_many_lines_is_read_to_its_last(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    goods = [officina.add_product(f"Olio {n}", 100) for n in range(135)]
    officina.order(None, goods, email="ana@example.com")

    (order,) = find_orders(
        shop, Person(email="ana@example.com"), cart_keys=[], since=app_clock.now() - HOUR
    )

    assert len(order.lines) == 135
    assert sum(line.total_minor for line in order.lines) == order.total_minor


def test_a_person_with_very_many_carts_is_asked_about_each(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    cart = officina.checkout(
        officina.cart([officina.add_product("Olio", 1999)]), email="a@b.example"
    )
    officina.order(cart)
    keys = [f"old-{n}" for n in range(45)] + [cart.token]

    found = find_orders(shop, Person(), cart_keys=keys, since=app_clock.now() - HOUR)

    assert [order.number for order in found] == ["#1001"]
    assert [name for _, name in world.operations] == ["FindOrders", "OrdersById"]


# Codes


def test_a_code_works_once_and_no_longer(shop: ShopifyShop, officina: SandboxShop) -> None:
    oil = officina.add_product("Olio", 1999)

    made = shop.create_code(ask())

    assert isinstance(made, CodeCreated)
    bought = officina.order(None, [oil], email="ana@example.com", code="back-7q2m")
    assert bought.total_minor == 1799
    with pytest.raises(Declined, match="usage limit"):
        officina.order(None, [oil], email="bea@example.com", code="BACK-7Q2M")


def test_the_same_request_gives_the_same_code(shop: ShopifyShop, officina: SandboxShop) -> None:
    ana = officina.add_customer("ana@example.com")
    for request in (
        ask(platform_customer_key=str(ana.key)),
        ask(code="FIVE", percent=None, amount_minor=500),
        ask(code="SHIP", percent=None),
    ):
        first = shop.create_code(request)

        assert shop.create_code(request) == first
        assert isinstance(first, CodeCreated)
    assert len(officina.discounts) == 3


@pytest.mark.parametrize("hang_up", [True, False])
def test_a_code_whose_reply_was_lost_is_found_again_not_made_again(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop, hang_up: bool
) -> None:
    world.fail(Fault(path="/admin/api", status=502, after=True, hang_up=hang_up))
    with pytest.raises(Unreachable):
        shop.create_code(ask())

    made = shop.create_code(ask())

    assert isinstance(made, CodeCreated)
    assert len(officina.discounts) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"percent": 20},
        {"percent": None, "amount_minor": 1000},
        {"percent": None},
        {"title": "Another"},
        {"platform_customer_key": "1000001"},
    ],
)
def test_a_code_of_another_discount_is_taken(shop: ShopifyShop, change: dict[str, object]) -> None:
    shop.create_code(ask())

    refused = shop.create_code(ask(**change))

    assert isinstance(refused, CodeRefused)
    assert refused.taken


def test_a_personal_code_works_for_its_person_alone(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    oil, ana = officina.add_product("Olio", 1999), officina.add_customer("ana@example.com")
    shop.create_code(ask(platform_customer_key=str(ana.key)))

    with pytest.raises(Declined, match="not available"):
        officina.order(None, [oil], email="bea@example.com", code="BACK-7Q2M")
    assert officina.order(None, [oil], customer=ana, code="BACK-7Q2M").total_minor == 1799


def test_a_code_runs_out(clock: Clock, shop: ShopifyShop, officina: SandboxShop) -> None:
    shop.create_code(ask())
    clock.advance(days=3)

    with pytest.raises(Declined, match="expired"):
        officina.order(None, [officina.add_product("Olio", 1)], code="BACK-7Q2M")


def test_a_fixed_amount_keeps_the_currencys_decimals(world: ShopifyWorld, api: GraphQL) -> None:
    for domain, currency, minor in (("tokyo", "JPY", 500), ("kuwait", "KWD", 1250)):
        there = world.add_shop(f"{domain}.myshopify.com", currency)
        world.custom_app(there, "shpat_own", "own-secret")
        other = ShopifyShop(there.domain, "shpat_own", api)

        made = other.create_code(ask(percent=None, amount_minor=minor, currency=currency))

        found = there.discounts.find("BACK-7Q2M")
        assert isinstance(made, CodeCreated)
        assert found is not None
        assert found.amount_minor == minor


def test_a_refusal_is_the_shops_own_sentence(shop: ShopifyShop) -> None:
    refused = shop.create_code(ask(expires_at=app_clock.now() - HOUR))

    assert isinstance(refused, CodeRefused)
    assert "Ends at" in refused.reason
    assert not refused.taken


def test_a_revoked_code_is_gone_and_revoking_it_again_is_a_success(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    made = shop.create_code(ask())
    assert isinstance(made, CodeCreated)

    shop.revoke_code(made.platform_key)
    shop.revoke_code(made.platform_key)

    with pytest.raises(Declined, match="not valid"):
        officina.order(None, [officina.add_product("Olio", 1)], code="BACK-7Q2M")
