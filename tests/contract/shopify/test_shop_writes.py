"""What we write to a Shopify shop: choices, tags, webhooks; and the link that rebuilds a cart."""

from datetime import timedelta

import pytest

from app import clock as app_clock
from app.errors import InvalidInput
from app.events import ConsentChannel, ConsentState, Line, Person
from app.platforms.shopify.graphql import GraphQL
from app.platforms.shopify.shop import ShopifyShop
from app.platforms.shopify.topics import TOPICS
from app.sandbox.shopify import SandboxShop, ShopifyWorld

HOUR = timedelta(hours=1)


# Consent and tags


@pytest.mark.parametrize("channel", list(ConsentChannel))
@pytest.mark.parametrize("state", list(ConsentState))
def test_a_choice_is_written_to_the_shops_record(
    shop: ShopifyShop, officina: SandboxShop, channel: ConsentChannel, state: ConsentState
) -> None:
    ana = officina.add_customer("ana@example.com", "+390110000001")
    at = app_clock.now() - HOUR

    written = shop.write_consent(Person(platform_key=str(ana.key)), channel, state, at)

    assert written
    assert ana.consent[channel.value].state == state.value.upper()
    assert ana.consent[channel.value].updated_at == at


def test_a_person_known_by_address_alone_is_looked_up(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    ana = officina.add_customer("ana@example.com", "+390110000001")
    state, now = ConsentState.UNSUBSCRIBED, app_clock.now()

    by_email = shop.write_consent(Person(email="ana@example.com"), ConsentChannel.EMAIL, state, now)
    by_phone = shop.write_consent(Person(phone="+390110000001"), ConsentChannel.SMS, state, now)

    assert (by_email, by_phone) == (True, True)
    assert ana.consent["email"].state == ana.consent["sms"].state == "UNSUBSCRIBED"


def test_a_shop_with_nowhere_to_keep_a_choice_says_so(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    ana = officina.add_customer("ana@example.com")
    state, now = ConsentState.UNSUBSCRIBED, app_clock.now()

    assert not shop.write_consent(Person(), ConsentChannel.EMAIL, state, now)
    assert not shop.write_consent(Person(email="x@example.com"), ConsentChannel.EMAIL, state, now)
    assert not shop.write_consent(Person(platform_key=str(ana.key)), ConsentChannel.SMS, state, now)


def test_a_tag_is_added_to_those_there_are(shop: ShopifyShop, officina: SandboxShop) -> None:
    ana = officina.add_customer("ana@example.com", tags=["vip"])

    shop.tag_customer(str(ana.key), "win-back")

    assert ana.tags == ["vip", "win-back"]
    with pytest.raises(InvalidInput, match="does not exist"):
        shop.tag_customer("1", "win-back")


# Webhooks and carts


def test_an_installed_apps_webhooks_come_from_its_own_file(shop: ShopifyShop) -> None:
    report = shop.register_webhooks("https://app.example/webhooks", "unused")

    assert (report.created, set(report.kept)) == ((), set(TOPICS))


def test_a_custom_app_gets_its_webhooks_made_kept_and_repaired(
    world: ShopifyWorld, api: GraphQL
) -> None:
    there = world.add_shop("own.myshopify.com", "EUR")
    world.custom_app(there, "shpat_own", "own-secret")
    own = ShopifyShop(there.domain, "shpat_own", api, own_app=True)

    made = own.register_webhooks("https://app.example/a", "")
    again = own.register_webhooks("https://app.example/a", "")
    there.subscriptions.pop()
    moved = own.register_webhooks("https://app.example/b", "")

    assert set(made.created) == set(TOPICS)
    assert set(again.kept) == set(TOPICS)
    assert (len(moved.created), len(moved.repaired)) == (1, len(TOPICS) - 1)
    assert {one.topic for one in there.subscriptions} == set(TOPICS)
    assert {one.uri for one in there.subscriptions} == {"https://app.example/b"}


def test_a_cart_link_rebuilds_what_can_be_bought_again(shop: ShopifyShop) -> None:
    oil = Line(
        line_key="1", product_key="2", variant_key="4001", title="Olio", quantity=2, total_minor=1
    )
    gift = Line(line_key="2", product_key=None, title="Biglietto", quantity=1, total_minor=0)

    assert shop.cart_link([oil, gift], "BACK 10%") == (
        "https://officina.myshopify.com/cart/4001:2?discount=BACK%2010%25"
    )
    assert shop.cart_link([oil], None) == "https://officina.myshopify.com/cart/4001:2"
    assert shop.cart_link([gift], "X") is None
