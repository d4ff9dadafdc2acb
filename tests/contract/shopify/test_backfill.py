"""Reading a shop's history in bounded pieces that any process may go on with."""

import json
from datetime import timedelta

import pytest

from app import clock as app_clock
from app.errors import AccessLost, Unreachable
from app.events import ConsentChanged, CustomerSeen, Fact, OrderSeen, ProductSeen
from app.platforms import Page, Resource
from app.platforms.shopify.export import ROOTS_PER_PIECE
from app.platforms.shopify.shop import ShopifyShop
from app.sandbox.server import Fault
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from tests.conftest import Clock


def read_all(shop: ShopifyShop, resource: Resource) -> tuple[list[Fact], list[Page]]:
    pages = [shop.read(resource, None)]
    while pages[-1].cursor is not None:
        pages.append(shop.read(resource, pages[-1].cursor))
    return [fact for page in pages for fact in page.facts], pages


def fill(officina: SandboxShop, orders: int) -> None:
    goods = [officina.add_product(f"Olio {n}", 1000 + n, kind="Oli") for n in range(3)]
    for n in range(orders):
        officina.order(
            None, {goods[n % 3].key: 1 + n % 2, goods[2].key: 1}, email=f"p{n}@example.com"
        )


def test_a_whole_history_is_read_with_every_line_under_its_order(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 20)

    orders, _ = read_all(shop, Resource.ORDERS)
    people, _ = read_all(shop, Resource.CUSTOMERS)
    goods, _ = read_all(shop, Resource.PRODUCTS)

    seen = [fact for fact in orders if isinstance(fact, OrderSeen)]
    assert len(seen) == 20
    assert all(sum(line.total_minor for line in one.lines) == one.total_minor for one in seen)
    assert {one.person.email for one in seen} == {f"p{n}@example.com" for n in range(20)}
    assert len([fact for fact in people if isinstance(fact, CustomerSeen)]) == 20
    assert [fact.title for fact in goods if isinstance(fact, ProductSeen)] == [
        "Olio 0",
        "Olio 1",
        "Olio 2",
    ]


def test_what_is_sold_on_when_it_is_out_of_stock_is_available(
    clock: Clock, shop: ShopifyShop, officina: SandboxShop
) -> None:
    stocks = ((0, False), (0, True), (4, False), (None, False))
    for stock, oversells in stocks:
        product = officina.add_product("Olio", 1_000, stock=stock)
        officina.change_product(product, oversells=oversells)

    exported, _ = read_all(shop, Resource.PRODUCTS)
    changed = shop.read(Resource.PRODUCTS, None, clock() - timedelta(days=1)).facts

    for facts in (exported, changed):
        found = [fact.available for fact in facts if isinstance(fact, ProductSeen)]
        assert found == [False, True, True, True]


def test_pieces_are_bounded_and_say_how_far_they_are(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 2 * ROOTS_PER_PIECE + 2)

    facts, pages = read_all(shop, Resource.ORDERS)

    pieces = [ROOTS_PER_PIECE, ROOTS_PER_PIECE, 2]
    assert [len(page.facts) for page in pages if page.facts] == pieces
    assert len({fact.order_key for fact in facts if isinstance(fact, OrderSeen)}) == sum(pieces)
    assert (pages[-1].done, pages[-1].total, pages[-1].cursor) == (sum(pieces), sum(pieces), None)


def test_a_piece_read_twice_after_a_crash_gives_the_same_facts(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, ROOTS_PER_PIECE + 2)
    _, pages = read_all(shop, Resource.ORDERS)
    cursor = next(page.cursor for page in pages if page.facts)

    assert shop.read(Resource.ORDERS, cursor).facts == shop.read(Resource.ORDERS, cursor).facts


def test_an_export_under_way_is_asked_about_later(
    clock: Clock, shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 1)
    officina.export_takes = timedelta(minutes=5)

    started = shop.read(Resource.ORDERS, None)
    waiting = shop.read(Resource.ORDERS, started.cursor)
    clock.advance(minutes=5)
    finished = shop.read(Resource.ORDERS, waiting.cursor)

    assert (started.wait_seconds > 0, waiting.wait_seconds > 0) == (True, True)
    assert (len(finished.facts), finished.cursor) == (1, None)


def test_a_sixth_export_waits_for_its_turn(shop: ShopifyShop, officina: SandboxShop) -> None:
    officina.export_takes = timedelta(hours=1)
    for _ in range(5):
        shop.read(Resource.ORDERS, None)

    page = shop.read(Resource.ORDERS, None)

    assert page.cursor is not None
    assert page.wait_seconds >= 60
    assert len(officina.exports) == 5


def test_an_empty_shop_has_an_empty_history(shop: ShopifyShop) -> None:
    facts, pages = read_all(shop, Resource.ORDERS)

    assert (facts, pages[-1].total) == ([], 0)


def test_an_expired_address_is_asked_for_again(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 3)
    world.fail(Fault(path="/exports", status=403), times=2)

    facts, _ = read_all(shop, Resource.ORDERS)

    assert len(facts) == 3


def test_the_files_address_is_not_kept_because_it_opens_the_whole_shop(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, ROOTS_PER_PIECE + 1)

    _, pages = read_all(shop, Resource.ORDERS)

    assert next(page.cursor for page in pages if page.facts)
    assert all(world.url not in (page.cursor or "") for page in pages)


def test_a_failed_export_is_started_anew_three_times_and_then_reported(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    cursor: str | None = None
    with pytest.raises(Unreachable, match="keeps failing"):
        for _ in range(20):
            cursor = shop.read(Resource.ORDERS, cursor).cursor
            for job in officina.exports.values():
                job.status, job.error = "FAILED", "INTERNAL_SERVER_ERROR"

    assert len(officina.exports) == 4


def test_an_export_the_merchant_did_not_allow_is_access_lost(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    started = shop.read(Resource.ORDERS, None)
    for job in officina.exports.values():
        job.status, job.error = "FAILED", "ACCESS_DENIED"

    with pytest.raises(AccessLost):
        shop.read(Resource.ORDERS, started.cursor)


def test_a_server_that_ignores_the_range_is_read_from_the_right_place(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, ROOTS_PER_PIECE + 3)
    whole, pages = read_all(shop, Resource.ORDERS)
    second = next(page.cursor for page in pages if page.facts)
    (job,) = officina.exports.values()
    world.fail(Fault(path="/exports", status=200, body=job.lines.decode()))

    assert list(shop.read(Resource.ORDERS, second).facts) == whole[ROOTS_PER_PIECE:]


def test_an_export_cut_short_is_read_again_not_taken_for_whole(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 3)
    ready = shop.read(Resource.ORDERS, None)
    (job,) = officina.exports.values()
    world.fail(Fault(path="/exports", status=206, body=job.lines.decode()[:-40]))

    with pytest.raises(Unreachable, match="broke off"):
        shop.read(Resource.ORDERS, ready.cursor)
    assert len(shop.read(Resource.ORDERS, ready.cursor).facts) == 3


def test_one_odd_record_does_not_keep_the_rest_out(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 2)
    ready = shop.read(Resource.ORDERS, None)
    (job,) = officina.exports.values()
    odd = json.dumps({"id": "gid://shopify/Order/1", "name": "#0"}) + "\n"
    world.fail(Fault(path="/exports", status=206, body=odd + job.lines.decode()))

    page = shop.read(Resource.ORDERS, ready.cursor)

    assert (len(page.facts), page.done) == (2, 3)


def test_consent_on_file_comes_with_the_customer(shop: ShopifyShop, officina: SandboxShop) -> None:
    ana = officina.add_customer("ana@example.com", "+390110000001", tags=["vip"])
    officina.set_consent(ana, "email", "subscribed", level="CONFIRMED_OPT_IN")
    officina.set_consent(ana, "whatsapp", "unsubscribed")

    facts, _ = read_all(shop, Resource.CUSTOMERS)

    choices = [fact for fact in facts if isinstance(fact, ConsentChanged)]
    assert [(one.channel.value, one.state.value, one.level) for one in choices] == [
        ("email", "subscribed", "confirmed_opt_in"),
        ("whatsapp", "unsubscribed", "single_opt_in"),
    ]
    assert next(fact.tags for fact in facts if isinstance(fact, CustomerSeen)) == ("vip",)


def test_a_catch_up_reads_only_what_changed_page_by_page(
    clock: Clock, shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 4)
    since = clock.advance(minutes=30)
    fill(officina, 12)

    facts: list[Fact] = []
    page = shop.read(Resource.ORDERS, None, since)
    facts += page.facts
    while page.cursor is not None:
        page = shop.read(Resource.ORDERS, page.cursor, since)
        facts += page.facts

    assert len({fact.order_key for fact in facts if isinstance(fact, OrderSeen)}) == 12
    assert page.done == 12
    assert len(shop.read(Resource.CUSTOMERS, None, since).facts) == 8
    assert len(shop.read(Resource.PRODUCTS, None, since).facts) == 3


def test_protected_fields_that_are_withheld_leave_the_rest(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    fill(officina, 2)
    officina.withholds_personal_data = True

    page = shop.read(Resource.ORDERS, None, app_clock.now() - timedelta(days=1))

    seen = [fact for fact in page.facts if isinstance(fact, OrderSeen)]
    assert [one.person.email for one in seen] == [None, None]
    assert all(one.total_minor for one in seen)
