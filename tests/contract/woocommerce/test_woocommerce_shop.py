"""Our adapter at a running shop: profile, backfill, webhooks, accounts and links."""

import json

import httpx
import pytest

from app.errors import AccessLost, InvalidInput, Unreachable
from app.events import (
    CartSeen,
    ConsentChannel,
    ConsentState,
    CustomerSeen,
    Fact,
    Line,
    OrderSeen,
    Person,
)
from app.platforms import Resource, Shop
from app.platforms.woocommerce import WooCommerceShop, find_site
from app.platforms.woocommerce.hooks import TOPICS
from app.sandbox.server import Fault
from app.sandbox.woocommerce import Settings, Shopper, WooWorld
from tests.conftest import START, Clock
from tests.contract.woocommerce.conftest import running, shop_of

ANA = Shopper(email="ana@example.com", first_name="Ana")
URL = "https://comeback.example/webhooks/woocommerce/1"


def all_facts(
    shop: WooCommerceShop, resource: Resource, **since: object
) -> tuple[list[Fact], list[int]]:
    """Everything a backfill reads, and how far each piece said it was."""
    facts, done, cursor = list[Fact](), list[int](), None
    while True:
        page = shop.read(resource, cursor, **since)  # type: ignore[arg-type]
        facts += page.facts
        done.append(page.done)
        cursor = page.cursor
        if cursor is None:
            return facts, done


def test_the_adapter_is_a_shop(shop: WooCommerceShop) -> None:
    contract: Shop = shop
    assert contract is shop


def test_the_shop_says_who_it_is(shop: WooCommerceShop) -> None:
    profile = shop.describe()

    assert (profile.name, profile.currency, profile.country) == ("Erbe Buone", "EUR", "IT")
    assert (profile.timezone, profile.locale) == ("America/Lima", "it-IT")
    assert profile.contact_email == "ciao@erbebuone.example"


def test_a_key_without_the_settings_still_learns_the_currency(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    body = '{"code":"woocommerce_rest_cannot_view","message":"no","data":{"status":403}}'
    world.fail(Fault(path="/wp-json/wc/v3/settings", status=403, body=body), times=2)

    profile = shop.describe()

    assert (profile.currency, profile.country, profile.contact_email) == ("EUR", None, None)


def test_the_canonical_address_is_learnt_from_the_site(world: WooWorld) -> None:
    world.site.url = world.url.replace("127.0.0.1", "localhost")

    site = find_site(f"{world.url}/", allow_private=True)

    assert site.url == world.site.url


def test_an_address_that_redirects_is_refused_with_the_one_to_use(world: WooWorld) -> None:
    there = (("Location", "https://www.shop.example/wp-json/"),)
    world.fail(Fault(path="/wp-json/", status=301, headers=there))

    with pytest.raises(Unreachable, match=r"https://www\.shop\.example"):
        find_site(world.url, allow_private=True)


@pytest.mark.parametrize("body", ['{"name":"blog","namespaces":["wp/v2"]}', "[]"])
def test_a_site_without_woocommerce_is_refused(world: WooWorld, body: str) -> None:
    world.fail(Fault(path="/wp-json/", status=200, body=body))

    with pytest.raises(InvalidInput, match="store_url"):
        find_site(world.url, allow_private=True)


@pytest.mark.parametrize(
    ("index", "timezone"),
    [
        ({"gmt_offset": 2, "timezone_string": ""}, "Etc/GMT-2"),
        ({"gmt_offset": -5, "timezone_string": ""}, "Etc/GMT+5"),
        ({"gmt_offset": 5.5, "timezone_string": ""}, "Asia/Kolkata"),
        ({"gmt_offset": 0, "timezone_string": ""}, "UTC"),
        ({"gmt_offset": 1, "timezone_string": "Europe/Rome"}, "Europe/Rome"),
    ],
)
def test_an_offset_becomes_a_time_zone(
    world: WooWorld, index: dict[str, object], timezone: str
) -> None:
    body = json.dumps({"namespaces": ["wc/v3"], **index})
    world.fail(Fault(path="/wp-json/", status=200, body=body))

    assert find_site(world.url, allow_private=True).timezone == timezone


@pytest.mark.requirement(112)
def test_a_backfill_reads_every_order_once_or_more_in_bounded_pieces(
    world: WooWorld, shop: WooCommerceShop, clock: Clock
) -> None:
    tea = world.add_product("Tè", "9.90")
    made = set()
    for number in range(230):
        clock.advance(seconds=number % 2)
        made.add(str(world.place_order(ANA, {tea.id: 1}).id))

    facts, done = all_facts(shop, Resource.ORDERS)

    assert {fact.order_key for fact in facts if isinstance(fact, OrderSeen)} == made
    assert len(done) >= 3
    assert done[-1] == 230


def test_a_crowded_second_does_not_stop_a_backfill(world: WooWorld, shop: WooCommerceShop) -> None:
    tea = world.add_product("Tè", "9.90")
    made = {str(world.place_order(ANA, {tea.id: 1}).id) for _ in range(250)}

    facts, _ = all_facts(shop, Resource.ORDERS)

    assert {fact.order_key for fact in facts if isinstance(fact, OrderSeen)} == made


def test_a_catch_up_finds_what_changed_since_on_a_site_west_of_greenwich(
    world: WooWorld, shop: WooCommerceShop, clock: Clock
) -> None:
    tea = world.add_product("Tè", "9.90")
    world.place_order(ANA, {tea.id: 1})
    changed = world.place_order(ANA, {tea.id: 1})
    since = clock.advance(hours=1)
    world.refund(changed)
    draft = world.draft(ANA, {tea.id: 1})

    facts, _ = all_facts(shop, Resource.ORDERS, since=since)

    orders = [fact.order_key for fact in facts if isinstance(fact, OrderSeen)]
    carts = [fact.cart_keys[0] for fact in facts if isinstance(fact, CartSeen)]
    assert orders == [str(changed.id)]
    assert carts == [f"order:{draft.id}"]


def test_a_backfill_keeps_every_fils(clock: Clock) -> None:
    for world in running(Settings(currency="KWD", decimals=2)):
        tea = world.add_product("Tè", "1.234")
        world.place_order(ANA, {tea.id: 1})

        [fact, *_], _ = all_facts(shop_of(world), Resource.ORDERS)

        assert isinstance(fact, OrderSeen)
        assert fact.total_minor == 1234


def test_one_row_that_cannot_be_read_does_not_stop_the_rest(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90")
    broken, good = (world.place_order(ANA, {tea.id: 1}) for _ in range(2))
    broken.status = ""

    facts, done = all_facts(shop, Resource.ORDERS)

    assert [f.order_key for f in facts if isinstance(f, OrderSeen)] == [str(good.id)]
    assert done == [2]


def test_staff_and_subscribers_who_buy_are_read_too(
    world: WooWorld, shop: WooCommerceShop, clock: Clock
) -> None:
    for number in range(120):
        world.add_customer(Shopper(email=f"c{number}@example.com")).role = "subscriber"
    newest = clock.advance(days=1)
    world.add_customer(ANA)

    everybody, done = all_facts(shop, Resource.CUSTOMERS)
    recent, _ = all_facts(shop, Resource.CUSTOMERS, since=newest)

    assert len([f for f in everybody if isinstance(f, CustomerSeen)]) == 121
    assert done == [100, 121]
    assert "ana@example.com" in {f.person.email for f in recent if isinstance(f, CustomerSeen)}
    assert len(recent) == 100


def test_products_are_read_and_a_foreign_cursor_is_refused(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    world.add_product("Tè", "9.90")

    facts, _ = all_facts(shop, Resource.PRODUCTS)

    assert len(facts) == 1
    with pytest.raises(InvalidInput, match="cursor"):
        shop.read(Resource.PRODUCTS, "gid://elsewhere")


def test_webhooks_are_made_once_and_remade_when_off_or_signed_with_an_old_secret(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    first = shop.register_webhooks(URL, "one")
    again = shop.register_webhooks(URL, "one")
    next(h for h in world.site.hooks.values() if h.topic == "order.created").status = "disabled"
    repaired = shop.register_webhooks(URL, "one")
    rotated = shop.register_webhooks(URL, "two")

    assert first.created == TOPICS
    assert again.kept == TOPICS
    assert repaired.repaired == ("order.created",)
    assert rotated.repaired == TOPICS
    assert {h.secret for h in world.site.hooks.values()} == {"two"}
    assert sorted(h.topic for h in world.site.hooks.values()) == sorted(TOPICS)


def test_another_apps_webhooks_are_left_alone(world: WooWorld, shop: WooCommerceShop) -> None:
    shop.register_webhooks("https://other.example/hook", "theirs")
    shop.register_webhooks(URL, "ours")

    theirs = [h for h in world.site.hooks.values() if h.url == "https://other.example/hook"]
    assert len(theirs) == len(TOPICS)


def test_a_key_that_may_only_read_cannot_make_webhooks(world: WooWorld) -> None:
    key = world.issue_key("read")
    shop = shop_of(world, consumer_key=key.consumer_key, consumer_secret=key.consumer_secret)

    with pytest.raises(AccessLost, match="write permissions"):
        shop.register_webhooks(URL, "secret")


def test_a_choice_is_written_to_the_account_of_the_person(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    account = world.add_customer(Shopper(email="Ana@Example.com"))
    account.role = "subscriber"
    write = shop.write_consent
    out = ConsentState.UNSUBSCRIBED

    by_email = write(Person(email="ana@example.com"), ConsentChannel.EMAIL, out, START)
    by_key = write(Person(platform_key=str(account.id)), ConsentChannel.SMS, out, START)

    assert by_email
    assert by_key
    assert account.meta == {
        "_comeback_consent_email": "unsubscribed 2026-03-02T09:00:00+00:00",
        "_comeback_consent_sms": "unsubscribed 2026-03-02T09:00:00+00:00",
    }


@pytest.mark.parametrize(
    "person", [Person(email="guest@example.com"), Person(platform_key="9999"), Person(phone="+391")]
)
def test_a_shop_has_nowhere_to_keep_a_guests_choice(shop: WooCommerceShop, person: Person) -> None:
    state = ConsentState.UNSUBSCRIBED
    assert not shop.write_consent(person, ConsentChannel.EMAIL, state, START)


def test_a_tag_is_added_once_and_comes_back_with_the_customer(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    account = world.add_customer(ANA)
    for tag in ("vip", "vip", "a,b"):
        shop.tag_customer(str(account.id), tag)
    shop.tag_customer("9999", "vip")

    [customer], _ = all_facts(shop, Resource.CUSTOMERS)

    assert isinstance(customer, CustomerSeen)
    assert customer.tags == ("vip", "a b")


def line(product_key: str | None, quantity: int = 1) -> Line:
    return Line(
        line_key="1",
        product_key=product_key,
        title="Tè",
        quantity=quantity,
        total_minor=990,
    )


def test_a_link_rebuilds_the_cart_with_its_code(clock: Clock) -> None:
    for world in running(Settings(version="10.2.1")):
        tea, cup = world.add_product("Tè", "9.90"), world.add_product("Tazza", "12.00")
        world.place_order(ANA, {tea.id: 1})
        shop = shop_of(world)
        lines = [line(str(tea.id), 2), line(str(cup.id))]

        link = shop.cart_link(lines, "BACK 10%")

        assert link is not None
        assert httpx.get(link).text == "Checkout: Tè x 2, Tazza x 1 BACK 10%"
        assert shop.cart_link([], None) is None
        assert shop.cart_link([line(None)], None) is None


def test_an_older_shop_gets_a_link_for_one_product_and_none_for_several(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90")
    world.place_order(ANA, {tea.id: 1})

    assert shop.cart_link([line("55", 2)], None) == f"{world.url}/?add-to-cart=55&quantity=2"
    assert shop.cart_link([line("55"), line("60")], None) is None
