"""Codes made at a running shop, and used at its checkout."""

from datetime import timedelta

import pytest

from app.errors import Unreachable
from app.platforms import CodeCreated, CodeRefused, CodeRequest
from app.platforms.woocommerce import WooCommerceShop
from app.sandbox.server import Fault
from app.sandbox.woocommerce import CouponRefused, Shopper, WooWorld
from tests.conftest import START, Clock

ANA = Shopper(email="ana@example.com", first_name="Ana")


def code(**values: object) -> CodeRequest:
    request = {
        "code": "BACK-ANA-7K2",
        "title": "Welcome back",
        "percent": 10,
        "amount_minor": None,
        "currency": "EUR",
        "starts_at": START,
        "expires_at": START + timedelta(days=3),
        "platform_customer_key": None,
        **values,
    }
    return CodeRequest(**request)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ({"percent": 10}, "8.91"),
        ({"percent": None, "amount_minor": 500}, "4.90"),
        ({"percent": None}, "9.90"),
    ],
)
def test_a_code_is_made_and_takes_off_what_it_says(
    world: WooWorld, shop: WooCommerceShop, values: dict[str, object], total: str
) -> None:
    tea = world.add_product("Tè", "9.90")

    made = shop.create_code(code(**values))
    order = world.place_order(ANA, {tea.id: 1}, coupon="BACK-ANA-7K2")

    assert isinstance(made, CodeCreated)
    assert f"{order.total:.2f}" == total
    assert world.site.coupons[int(made.platform_key)].free_shipping is (values == {"percent": None})


def test_a_code_works_once_for_anybody_and_until_it_ends(
    world: WooWorld, shop: WooCommerceShop, clock: Clock
) -> None:
    tea = world.add_product("Tè", "9.90")
    shop.create_code(code(platform_customer_key="17"))
    shop.create_code(code(code="LATE"))
    world.place_order(Shopper(email="typed-late@example.com"), {tea.id: 1}, coupon="back-ana-7k2")

    with pytest.raises(CouponRefused, match="limit"):
        world.place_order(ANA, {tea.id: 1}, coupon="BACK-ANA-7K2")
    clock.advance(days=3)
    with pytest.raises(CouponRefused, match="expired"):
        world.place_order(ANA, {tea.id: 1}, coupon="LATE")


def test_asking_for_the_same_code_again_gives_the_same_code(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    world.fail(Fault(path="/wp-json/wc/v3/coupons", method="POST", status=502, after=True))
    with pytest.raises(Unreachable):
        shop.create_code(code())

    first, second = shop.create_code(code()), shop.create_code(code())

    assert isinstance(first, CodeCreated)
    assert first == second
    assert len(world.site.coupons) == 1


def test_a_write_is_never_repeated(world: WooWorld, shop: WooCommerceShop) -> None:
    world.fail(Fault(path="/wp-json/wc/v3/coupons", method="POST", status=503))

    with pytest.raises(Unreachable):
        shop.create_code(code())
    assert len(world.requests) == 1


@pytest.mark.parametrize(
    "values", [{"percent": 20}, {"expires_at": START + timedelta(days=4)}, {"title": "Other"}]
)
def test_a_code_that_exists_for_something_else_is_taken(
    shop: WooCommerceShop, values: dict[str, object]
) -> None:
    shop.create_code(code())

    refused = shop.create_code(code(**values))

    assert isinstance(refused, CodeRefused)
    assert refused.taken


def test_a_revoked_code_is_gone_and_revoking_again_is_fine(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    tea = world.add_product("Tè", "9.90")
    made = shop.create_code(code())
    assert isinstance(made, CodeCreated)

    shop.revoke_code(made.platform_key)
    shop.revoke_code(made.platform_key)

    with pytest.raises(CouponRefused):
        world.place_order(ANA, {tea.id: 1}, coupon="BACK-ANA-7K2")
