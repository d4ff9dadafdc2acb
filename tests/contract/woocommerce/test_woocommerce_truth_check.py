"""Has this person ordered? Asked of a running shop before every commercial message."""

from datetime import timedelta

import pytest

from app.errors import AccessLost, Unreachable
from app.events import OrderStatus, Person
from app.platforms import ShopFacts
from app.platforms.woocommerce import Access, WooCommerceShop
from app.sandbox.server import Fault
from app.sandbox.woocommerce import Shopper, WooWorld
from tests.conftest import START, Clock
from tests.contract.asking import find_orders
from tests.contract.woocommerce.conftest import shop_of

ANA = Shopper(email="Ana+tea@Example.com", first_name="Ana", phone="+39 333 123 4567")
SINCE = START - timedelta(hours=1)


def found(shop: WooCommerceShop, person: Person, *cart_keys: str) -> list[str]:
    return [o.order_key for o in find_orders(shop, person, cart_keys=cart_keys, since=SINCE)]


def test_a_guests_order_is_found_by_email_whatever_its_case(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90")
    order = world.place_order(ANA, {tea.id: 2})

    [seen] = find_orders(shop, Person(email="ana+TEA@example.com"), cart_keys=(), since=SINCE)

    assert seen.order_key == str(order.id)
    assert seen.status is OrderStatus.PAID
    assert seen.total_minor == 1980
    assert seen.lines[0].product_key == str(tea.id)


def test_an_address_that_only_contains_the_persons_is_somebody_else(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90")
    world.place_order(Shopper(email="joana@example.com"), {tea.id: 1})

    assert found(shop, Person(email="ana@example.com")) == []


def test_an_account_is_found_under_another_billing_email(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90")
    account = world.add_customer(ANA)
    order = world.place_order(
        Shopper(email="work@example.com", customer_id=account.id), {tea.id: 1}
    )

    person = Person(platform_key=str(account.id), email="ana+tea@example.com")
    assert found(shop, person) == [str(order.id)]


def test_a_cart_is_followed_to_the_order_of_an_unknown_address(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    """The plugin's session on the order is all that links the two."""
    tea = world.add_product("Tè", "9.90")
    order = world.place_order(Shopper(email="work@example.com", session="s-1"), {tea.id: 1})
    world.place_order(Shopper(email="b@example.com", session="s-2"), {tea.id: 1})

    assert found(shop, Person(email="ana@example.com"), "session:s-1") == [str(order.id)]


@pytest.mark.parametrize("phone", ["+393331234567", "333 1234567", "0039 333-123-45-67"])
def test_a_phone_number_is_found_however_it_was_typed(
    world: WooWorld, shop: WooCommerceShop, phone: str
) -> None:
    tea = world.add_product("Tè", "9.90")
    order = world.place_order(ANA, {tea.id: 1})
    world.place_order(Shopper(email="b@example.com", phone="+39 347 000 4567"), {tea.id: 1})

    assert found(shop, Person(phone=phone)) == [str(order.id)]


def test_an_order_found_by_several_identities_is_told_once(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90")
    account = world.add_customer(ANA)
    draft = world.draft(ANA, {tea.id: 1})
    order = world.place_order(
        Shopper(email=ANA.email, phone=ANA.phone, customer_id=account.id),
        {tea.id: 1},
        draft=draft,
    )
    order.customer_id = account.id

    person = Person(platform_key=str(account.id), email=ANA.email, phone=ANA.phone)
    assert found(shop, person, f"order:{draft.id}") == [str(order.id)]


def test_a_draft_is_no_order_until_it_is_placed_even_with_another_email(
    world: WooWorld, shop: WooCommerceShop, clock: Clock
) -> None:
    tea = world.add_product("Tè", "9.90")
    clock.advance(hours=-5)
    draft = world.draft(ANA, {tea.id: 1})
    clock.advance(hours=5)
    person = Person(email=ANA.email)

    assert found(shop, person, f"order:{draft.id}", "session:s-1") == []

    world.place_order(Shopper(email="else@example.com"), {tea.id: 1}, draft=draft)
    assert found(shop, person, f"order:{draft.id}") == [str(draft.id)]


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_a_cart_left_at_the_payment_page_is_no_order_against_itself(
    world: WooWorld, shop: WooCommerceShop, status: str
) -> None:
    tea = world.add_product("Tè", "9.90")
    left = world.place_order(ANA, {tea.id: 1}, pays=False)
    world.set_status(left, status)
    person = Person(email=ANA.email)

    assert found(shop, person, f"order:{left.id}") == []
    assert found(shop, person, "session:other") == [str(left.id)]

    world.pay(left)
    assert found(shop, person, f"order:{left.id}") == [str(left.id)]


def test_an_order_of_before_counts_only_when_it_was_paid_since(
    world: WooWorld, shop: WooCommerceShop, clock: Clock
) -> None:
    tea = world.add_product("Tè", "9.90")
    clock.advance(days=-3)
    old = world.place_order(ANA, {tea.id: 1})
    unpaid = world.place_order(ANA, {tea.id: 1}, pays=False)
    clock.advance(days=3)
    person = Person(email=ANA.email)
    world.set_status(old, "completed")

    assert found(shop, person) == []

    world.pay(unpaid)
    assert found(shop, person) == [str(unpaid.id)]


def test_the_check_is_right_whatever_the_sites_time_zone(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    # The sandbox sits at UTC-5, where a date without its offset means five hours later.
    tea = world.add_product("Tè", "9.90")
    order = world.place_order(ANA, {tea.id: 1})

    orders = find_orders(shop, Person(email=ANA.email), cart_keys=(), since=START)
    assert [o.order_key for o in orders] == [str(order.id)]


@pytest.mark.parametrize(("cart_keys", "requests"), [((), 1), (("session:s-1",), 2)])
def test_a_guest_costs_one_request_and_their_cart_another(
    world: WooWorld, shop: WooCommerceShop, cart_keys: tuple[str, ...], requests: int
) -> None:
    find_orders(shop, Person(email=ANA.email), cart_keys=cart_keys, since=SINCE)

    assert len(world.requests) == requests


def test_a_revoked_key_is_access_lost_with_what_to_do(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    world.revoke_key()

    with pytest.raises(AccessLost, match="Connect the store again"):
        found(shop, Person(email=ANA.email))


def test_a_key_that_may_only_write_cannot_check(world: WooWorld) -> None:
    key = world.issue_key("write")
    shop = shop_of(world, consumer_key=key.consumer_key, consumer_secret=key.consumer_secret)

    with pytest.raises(AccessLost, match="read permissions"):
        found(shop, Person(email=ANA.email))


def test_a_wrong_secret_is_refused_and_stays_out_of_the_error(world: WooWorld) -> None:
    shop = shop_of(world, consumer_secret="cs_wrong_and_secret")

    with pytest.raises(AccessLost) as caught:
        found(shop, Person(email=ANA.email))

    assert "cs_wrong_and_secret" not in str(caught.value)
    assert world.key.consumer_key not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_trouble_that_passes_is_tried_again(
    world: WooWorld, shop: WooCommerceShop, status: int
) -> None:
    world.fail(Fault(path="/wp-json/wc/v3/orders", status=status, body="<html>"), times=2)

    assert found(shop, Person(email=ANA.email)) == []
    assert len(world.requests) == 3


def test_trouble_that_stays_is_unreachable(world: WooWorld, shop: WooCommerceShop) -> None:
    world.fail(Fault(path="/wp-json/wc/v3/orders", status=503), times=3)

    with pytest.raises(Unreachable, match="503"):
        found(shop, Person(email=ANA.email))


def test_a_long_wait_is_handed_on_and_not_sat_out(world: WooWorld, shop: WooCommerceShop) -> None:
    world.fail(Fault(path="/wp-json/wc/v3/orders", status=429, headers=(("Retry-After", "90"),)))

    with pytest.raises(Unreachable) as caught:
        found(shop, Person(email=ANA.email))

    assert caught.value.retry_after == 90
    assert len(world.requests) == 1


@pytest.mark.parametrize("status", [200, 403])
def test_a_web_page_is_never_data_and_no_verdict_on_the_key(
    world: WooWorld, shop: WooCommerceShop, status: int
) -> None:
    world.fail(Fault(path="/wp-json/wc/v3/orders", status=status, body="<html>Checking…</html>"))

    with pytest.raises(Unreachable, match="web page"):
        found(shop, Person(email=ANA.email))


def test_a_redirect_is_refused_and_names_where_it_leads_without_the_signature(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    there = (("Location", "https://www.shop.example/wp-json/?oauth_signature=abc"),)
    world.fail(Fault(path="/wp-json/wc/v3/orders", status=301, headers=there))

    with pytest.raises(Unreachable, match=r"https://www\.shop\.example:") as caught:
        found(shop, Person(email=ANA.email))
    assert "oauth" not in str(caught.value)


def test_a_shop_that_is_off_is_unreachable_and_its_error_holds_no_key(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    world.stop()

    with pytest.raises(Unreachable) as caught:
        found(shop, Person(email=ANA.email))

    assert "oauth" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_production_calls_no_private_address(world: WooWorld) -> None:
    access = Access(url=world.url, consumer_key="ck_1", consumer_secret="cs_1")
    facts = ShopFacts(currency="EUR", timezone="UTC", domain="shop.example")
    with pytest.raises(Unreachable, match="cannot be called"):
        found(WooCommerceShop(access, facts), Person(email=ANA.email))
    assert world.requests == []


def test_an_unknown_status_is_kept(world: WooWorld, shop: WooCommerceShop) -> None:
    tea = world.add_product("Tè", "9.90")
    order = world.place_order(ANA, {tea.id: 1}, pays=False)
    world.set_status(order, "quote-sent")

    [seen] = find_orders(shop, Person(email=ANA.email), cart_keys=(), since=SINCE)
    assert seen.status is OrderStatus.PENDING


def test_a_cart_is_followed_beyond_the_first_hundred_orders(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90", stock=10_000)
    own = world.place_order(Shopper(email="other@example.com", session="t_1"), {tea.id: 1})
    for number in range(150):
        world.place_order(Shopper(email=f"p{number}@example.com"), {tea.id: 1})
        own.modified = own.created  # It is the oldest, whichever way the shop sorts.

    assert found(shop, Person(email="ana@example.com"), "session:t_1") == [str(own.id)]


def test_a_shop_with_more_orders_than_can_be_looked_through_has_not_answered(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90", stock=10_000)
    for number in range(1_000):
        world.place_order(Shopper(email=f"p{number}@example.com"), {tea.id: 1})

    with pytest.raises(Unreachable):
        found(shop, Person(email="ana@example.com"), "session:t_1")
