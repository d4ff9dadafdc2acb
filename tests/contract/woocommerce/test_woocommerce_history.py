"""A shop with a past, and many orders at once."""

from datetime import timedelta

from app.events import OrderSeen
from app.platforms import Resource
from app.platforms.woocommerce import WooCommerceShop
from app.sandbox.woocommerce import Shopper, WooWorld, at
from tests.conftest import START


def test_an_order_of_last_year_is_read_with_its_own_date(
    world: WooWorld, shop: WooCommerceShop
) -> None:
    then = START - timedelta(days=365)
    with at(then):
        tea = world.add_product("Tè", "9.90")
        world.place_order(Shopper(email="ana@example.com"), {tea.id: 1})
    world.place_order(Shopper(email="ben@example.com"), {tea.id: 1})

    facts = shop.read(Resource.ORDERS, None).facts

    assert [f.placed_at for f in facts if isinstance(f, OrderSeen)] == [then, START]
