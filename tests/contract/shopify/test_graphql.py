"""How the Admin API says no, and what each way of it means to a caller."""

import json
import time
from datetime import timedelta

import pytest
import structlog

from app import clock as app_clock
from app.errors import AccessLost, InvalidInput, Unreachable
from app.events import Person
from app.platforms.shopify.documents import API_VERSION
from app.platforms.shopify.graphql import GraphQL
from app.platforms.shopify.shop import ShopifyShop
from app.platforms.shopify.tokens import TokenPair
from app.platforms.shopify.transport import Transport
from app.sandbox.server import Fault
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from tests.conftest import Clock
from tests.contract.asking import find_orders

ADMIN = f"/admin/api/{API_VERSION}"
ANA = Person(email="ana@example.com")


def test_a_short_wait_for_the_shops_budget_is_taken_in_the_call(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    world.throttle(officina, times=1, wait=0.05)

    assert shop.describe().currency == "EUR"


def test_a_long_wait_is_the_callers_to_plan(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    world.throttle(officina, times=1, wait=30.0)
    begun = time.monotonic()

    with pytest.raises(Unreachable) as told:
        shop.describe()

    assert told.value.retry_after == pytest.approx(30.0)
    assert time.monotonic() - begun < 1


def test_a_shop_that_stays_throttled_is_not_waited_for_twice(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    world.throttle(officina, times=2, wait=0.05)

    with pytest.raises(Unreachable, match="budget"):
        shop.describe()


def test_too_many_requests_say_how_long_to_wait(world: ShopifyWorld, shop: ShopifyShop) -> None:
    world.fail(Fault(path=ADMIN, status=429, headers=(("Retry-After", "7"),)))

    with pytest.raises(Unreachable) as told:
        shop.describe()

    assert told.value.retry_after == 7.0


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_closed_door_is_access_lost(world: ShopifyWorld, shop: ShopifyShop, status: int) -> None:
    world.fail(Fault(path=ADMIN, status=status, body="no"))

    with pytest.raises(AccessLost):
        shop.describe()


@pytest.mark.parametrize("status", [301, 400, 500, 502, 503])
def test_other_statuses_may_pass(world: ShopifyWorld, shop: ShopifyShop, status: int) -> None:
    world.fail(Fault(path=ADMIN, status=status, headers=(("Location", "https://evil.example"),)))

    with pytest.raises(Unreachable):
        shop.describe()


def test_the_reason_of_a_refusal_is_logged_and_the_token_is_not(
    world: ShopifyWorld, shop: ShopifyShop, pair: TokenPair
) -> None:
    said = f"Non-expiring tokens are no longer accepted: {pair.access_token}"
    world.fail(Fault(path=ADMIN, status=403, body=said))

    with structlog.testing.capture_logs() as logs, pytest.raises(AccessLost):
        shop.describe()

    assert "no longer accepted" in logs[0]["answer"]
    assert pair.access_token not in json.dumps(logs)
    assert pair.access_token not in repr(shop._access)


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", "{}", '{"data": null}'])
def test_an_answer_that_is_none_may_pass(world: ShopifyWorld, shop: ShopifyShop, body: str) -> None:
    world.fail(Fault(path=ADMIN, status=200, body=body))

    with pytest.raises(Unreachable):
        shop.describe()


def test_a_lost_connection_may_pass(world: ShopifyWorld, api: GraphQL) -> None:
    nowhere = GraphQL(Transport("http://127.0.0.1:9"))

    with pytest.raises(Unreachable, match="did not answer"):
        ShopifyShop("officina.myshopify.com", "t", nowhere).describe()


def test_a_hole_in_the_truth_check_never_reads_as_has_not_ordered(
    world: ShopifyWorld, shop: ShopifyShop
) -> None:
    hole = {
        "data": {"searched_0": None, "mailed_0": {"orders": None}},
        "errors": [
            {
                "message": "Internal error",
                "path": ["mailed_0", "orders"],
                "extensions": {"code": "INTERNAL_SERVER_ERROR"},
            }
        ],
    }
    world.fail(Fault(path=ADMIN, status=200, body=json.dumps(hole)))

    with pytest.raises(Unreachable):
        find_orders(shop, ANA, cart_keys=[], since=app_clock.now())


def test_an_order_that_cannot_be_read_is_not_passed_over(
    world: ShopifyWorld, shop: ShopifyShop
) -> None:
    node = {"id": "gid://shopify/Order/1", "createdAt": "2026-03-02T09:00:00Z"}
    found = {"data": {"searched_0": {"nodes": []}, "mailed_0": {"orders": {"nodes": [node]}}}}
    odd = {"data": {"nodes": [{"id": "gid://shopify/Order/1", "name": "#1"}]}}
    world.fail(Fault(path=ADMIN, status=200, body=json.dumps(found)))
    world.fail(Fault(path=ADMIN, status=200, body=json.dumps(odd)))

    with pytest.raises(Unreachable, match="cannot read"):
        find_orders(shop, ANA, cart_keys=[], since=app_clock.now())


def test_a_scope_that_is_missing_is_access_lost(world: ShopifyWorld, shop: ShopifyShop) -> None:
    denied = {
        "data": {"shop": None},
        "errors": [
            {"message": "Access denied", "path": ["shop"], "extensions": {"code": "ACCESS_DENIED"}}
        ],
    }
    world.fail(Fault(path=ADMIN, status=200, body=json.dumps(denied)))

    with pytest.raises(AccessLost, match="not granted"):
        shop.describe()


def test_a_query_that_is_wrong_fails_loudly(world: ShopifyWorld, shop: ShopifyShop) -> None:
    wrong = {"errors": [{"message": "no field", "extensions": {"code": "undefinedField"}}]}
    world.fail(Fault(path=ADMIN, status=200, body=json.dumps(wrong)))

    with pytest.raises(RuntimeError, match="refuses our query"):
        shop.describe()


def test_an_expired_token_is_access_lost(clock: Clock, shop: ShopifyShop) -> None:
    clock.advance(hours=1)

    with pytest.raises(AccessLost):
        shop.describe()


def test_one_address_serves_many_shops_by_their_host(
    world: ShopifyWorld, shop: ShopifyShop, api: GraphQL
) -> None:
    tokyo = world.add_shop("tokyo.myshopify.com", "JPY", "Asia/Tokyo")
    world.custom_app(tokyo, "shpat_own", "own-secret")

    assert ShopifyShop(tokyo.domain, "shpat_own", api).describe().currency == "JPY"
    assert shop.describe().currency == "EUR"
    with pytest.raises(AccessLost):
        ShopifyShop("officina.myshopify.com", "shpat_own", api).describe()


@pytest.mark.parametrize("domain", ["", "evil.example", "a.myshopify.com.evil.example", "a/b"])
def test_no_other_host_is_ever_called(api: GraphQL, domain: str) -> None:
    with pytest.raises(InvalidInput, match="shop"):
        ShopifyShop(domain, "t", api)


def test_a_truth_check_of_a_shop_that_does_not_answer_is_not_an_answer(
    world: ShopifyWorld, shop: ShopifyShop, officina: SandboxShop
) -> None:
    world.fail(Fault(path=ADMIN, status=503))

    with pytest.raises(Unreachable):
        find_orders(shop, ANA, cart_keys=[], since=app_clock.now() - timedelta(days=1))
