"""WooCommerce's signatures and bodies in our words."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.errors import MalformedPayload
from app.events import (
    CONFIRMED_OPT_IN,
    CartSeen,
    CodeGone,
    ConsentChanged,
    ConsentState,
    CustomerDeleted,
    CustomerSeen,
    Fact,
    OrderDeleted,
    OrderSeen,
    OrderStatus,
    ProductDeleted,
    ProductSeen,
)
from tests.unit.platforms.woocommerce_bodies import RECEIVED, changed, facts, only_order, raw


def test_a_paid_order_of_a_guest_is_told_in_our_words() -> None:
    order = only_order(raw("order_processing"))

    assert (order.order_key, order.number, order.status) == ("7341", "7341", OrderStatus.PAID)
    assert order.person.platform_key is None
    assert order.person.email == "ana.mueller@example.com"
    assert (order.person.first_name, order.person.last_name) == ("Ana", "Müller")
    assert (order.person.country, order.person.region) == ("IT", "BO")
    assert order.total_minor == 6155
    assert [line.total_minor for line in order.lines] == [3688, 922]
    assert [(line.product_key, line.variant_key) for line in order.lines] == [
        ("55", None),
        ("60", "61"),
    ]
    assert order.discount_codes == ("back-ana-7k2",)
    assert order.utm == {
        "utm_source": "email",
        "utm_medium": "comeback",
        "utm_campaign": "cart-1",
    }


def test_only_gmt_dates_count() -> None:
    order = only_order(raw("order_processing"))

    assert order.placed_at == datetime(2026, 3, 2, 9, 10, 8, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 3, 2, 9, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "paid", "placed"),
    [
        ("store-api", "2026-03-02T21:00:00", "2026-03-02T21:00:00"),
        ("store-api", "2026-03-09T09:00:00", "2026-03-02T09:10:04"),
        ("store-api", None, "2026-03-02T09:10:04"),
        ("checkout", "2026-03-02T21:00:00", "2026-03-02T09:10:04"),
    ],
)
def test_an_order_that_was_a_draft_counts_from_its_payment(
    source: str, paid: str | None, placed: str
) -> None:
    order = only_order(changed("order_processing", created_via=source, date_paid_gmt=paid))
    assert order.placed_at == datetime.fromisoformat(f"{placed}+00:00")


@pytest.mark.parametrize(
    ("name", "minor"), [("order_jpy", 4980), ("order_kwd", 12345), ("order_processing", 6155)]
)
def test_amounts_follow_the_decimals_of_their_currency(name: str, minor: int) -> None:
    assert only_order(raw(name)).total_minor == minor


def test_a_yen_amount_written_with_decimals_is_the_same_amount() -> None:
    assert only_order(changed("order_jpy", total="4980.00")).total_minor == 4980


def test_a_number_given_as_json_is_read_without_a_float() -> None:
    # 0.285 as a binary fraction lies below the half and would round down.
    body = raw("order_processing").replace(b'"total":"61.55"', b'"total":0.285')
    assert only_order(body).total_minor == int(Decimal("29"))


@pytest.mark.parametrize(
    ("status", "paid", "expected"),
    [
        ("pending", None, OrderStatus.PENDING),
        ("on-hold", None, OrderStatus.PENDING),
        ("failed", None, OrderStatus.PENDING),
        ("processing", "2026-03-02T09:10:08", OrderStatus.PAID),
        ("completed", "2026-03-02T09:10:08", OrderStatus.PAID),
        ("cancelled", None, OrderStatus.CANCELLED),
        ("trash", None, OrderStatus.CANCELLED),
        ("refunded", "2026-03-02T09:10:08", OrderStatus.REFUNDED),
        ("quote-sent", None, OrderStatus.PENDING),
        ("shipped", "2026-03-02T09:10:08", OrderStatus.PAID),
    ],
)
def test_every_status_is_kept_and_unknown_ones_count_only_when_paid(
    status: str, paid: str | None, expected: OrderStatus
) -> None:
    body = changed("order_processing", status=status, date_paid_gmt=paid)
    assert only_order(body).status is expected


def test_a_draft_is_a_cart_and_never_an_order() -> None:
    [cart] = facts("order.updated", raw("order_draft"))

    assert isinstance(cart, CartSeen)
    assert cart.cart_keys == ("order:7341", "session:s-5c1f")
    assert cart.person.email == "ana.mueller@example.com"
    assert cart.recovery_url is not None
    assert cart.recovery_url.startswith("https://shop.example/checkout/order-pay/7341/")
    assert not cart.completed


def test_a_draft_without_an_email_is_still_a_cart() -> None:
    [cart] = facts("order.updated", raw("order_draft_without_email"))

    assert isinstance(cart, CartSeen)
    assert cart.person.email is None
    assert cart.cart_keys == ("order:7341",)


def test_the_order_of_a_draft_carries_the_drafts_key() -> None:
    assert only_order(raw("order_processing")).cart_keys == ("order:7341", "session:s-5c1f")


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_an_order_with_an_open_payment_is_an_order_and_an_open_cart(status: str) -> None:
    order, cart, *_ = facts("order.updated", changed("order_pending", status=status))

    assert isinstance(order, OrderSeen)
    assert isinstance(cart, CartSeen)
    assert order.status is OrderStatus.PENDING
    assert order.cart_keys == ()
    assert cart.cart_keys[0] == "order:7341"
    assert cart.recovery_url is not None


def test_an_order_that_waits_for_a_bank_transfer_ends_its_cart() -> None:
    body = changed("order_pending", status="on-hold")

    assert only_order(body).cart_keys[0] == "order:7341"
    assert not any(isinstance(fact, CartSeen) for fact in facts("order.updated", body))


def test_an_unpaid_order_that_the_shop_cancels_by_itself_leaves_its_cart_open() -> None:
    assert only_order(changed("order_pending", status="cancelled")).cart_keys == ()
    assert only_order(changed("order_processing", status="cancelled")).cart_keys != ()


@pytest.mark.parametrize("source", ["subscription", "admin", "rest-api"])
def test_an_unpaid_order_no_shopper_made_is_no_cart(source: str) -> None:
    found = facts("order.updated", changed("order_pending", created_via=source))
    assert not any(isinstance(fact, CartSeen) for fact in found)


def test_refunds_are_positive_and_leave_the_total_as_charged() -> None:
    order = only_order(raw("order_partly_refunded"))

    assert order.total_minor == 6155
    [refund] = order.refunds
    assert (refund.refund_key, refund.amount_minor) == ("7402", 1125)
    assert refund.refunded_at == order.updated_at


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("order.deleted", OrderDeleted),
        ("customer.deleted", CustomerDeleted),
        ("product.deleted", ProductDeleted),
    ],
)
def test_a_deletion_is_an_id_and_counts_from_its_arrival(topic: str, kind: type[Fact]) -> None:
    [fact] = facts(topic, b'{"id":7341}')

    assert isinstance(fact, kind)
    assert fact.updated_at == RECEIVED


def test_a_restored_order_is_newer_than_its_deletion() -> None:
    [deleted] = facts("order.deleted", b'{"id":7341}')
    assert only_order(raw("order_processing"), "order.restored").updated_at >= deleted.updated_at


@pytest.mark.requirement(10)
def test_a_customer_is_told_with_the_choices_and_tags_kept_on_them() -> None:
    customer, consent = facts("customer.updated", raw("customer"))

    assert isinstance(customer, CustomerSeen)
    assert customer.person.platform_key == "17"
    assert customer.person.email == "ben@example.com"
    assert customer.person.first_name == "Ben"
    assert customer.tags == ("vip", "loyal")
    assert isinstance(consent, ConsentChanged)
    assert consent.state is ConsentState.UNSUBSCRIBED
    assert consent.updated_at == datetime(2026, 2, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "level", "at"),
    [
        ("subscribed 2026-02-28T10:00:00+00:00 confirmed", CONFIRMED_OPT_IN, "2026-02-28T10:00Z"),
        ("subscribed confirmed", CONFIRMED_OPT_IN, "2026-03-01T07:00Z"),
        ("subscribed 2026-02-28T10:00:00+00:00", None, "2026-02-28T10:00Z"),
        ("subscribed", None, "2026-03-01T07:00Z"),
    ],
)
def test_a_choice_may_say_that_its_address_has_confirmed_it(
    value: str, level: str | None, at: str
) -> None:
    kept = [{"id": 1, "key": "_comeback_consent_email", "value": value}]

    [consent] = [
        fact
        for fact in facts("customer.updated", changed("customer", meta_data=kept))
        if isinstance(fact, ConsentChanged)
    ]

    assert (consent.state, consent.level) == (ConsentState.SUBSCRIBED, level)
    assert consent.updated_at == datetime.fromisoformat(at)


def test_a_guests_choice_at_the_checkout_is_kept() -> None:
    [consent] = [
        fact
        for fact in facts("order.created", raw("order_processing"))
        if isinstance(fact, ConsentChanged)
    ]

    assert consent.person.email == "ana.mueller@example.com"
    assert consent.state is ConsentState.SUBSCRIBED


def test_a_product_is_priced_in_the_stores_currency() -> None:
    [product] = facts("product.updated", raw("product"))

    assert isinstance(product, ProductSeen)
    assert (product.price_minor, product.currency) == (2049, "EUR")
    assert product.categories == ("Tè",)
    assert product.available


def test_a_product_without_a_price_or_in_stock_is_told_as_such() -> None:
    [product] = facts("product.updated", changed("product", price="", stock_status="outofstock"))

    assert isinstance(product, ProductSeen)
    assert (product.price_minor, product.available) == (None, False)


@pytest.mark.parametrize(
    "change",
    [
        {"catalog_visibility": "hidden"},
        {"catalog_visibility": "search"},
        {"purchasable": False},
        {"status": "private"},
    ],
)
def test_a_product_that_is_not_offered_is_not_available(change: dict[str, Any]) -> None:
    [product] = facts("product.updated", changed("product", **change))

    assert isinstance(product, ProductSeen)
    assert not product.available


def test_the_plugins_snapshot_is_a_cart_of_a_session() -> None:
    [cart] = facts("action.wc_comeback_cart", raw("cart_snapshot"))

    assert isinstance(cart, CartSeen)
    assert cart.cart_keys == ("session:s-5c1f",)
    assert cart.person.email == "ana.mueller@example.com"
    assert cart.person.platform_key is None
    assert cart.total_minor == 4098
    assert cart.recovery_url == "https://shop.example/checkout/"
    assert cart.updated_at == datetime(2026, 3, 2, 9, 4, 10, tzinfo=UTC)


def test_an_emptied_cart_has_no_lines() -> None:
    body = json.loads(raw("cart_snapshot"))
    body["arg"] |= {"items": [], "total": "0"}

    [cart] = facts("action.wc_comeback_cart", json.dumps(body).encode())

    assert isinstance(cart, CartSeen)
    assert (cart.lines, cart.total_minor) == ((), 0)


@pytest.mark.parametrize("topic", ["order.updated", "customer.updated", "action.wc_comeback_cart"])
def test_a_signed_not_found_says_nothing_and_a_signed_refusal_asks_to_reconnect(
    topic: str,
) -> None:
    assert facts(topic, raw("error_gone")) == []
    with pytest.raises(MalformedPayload, match="Connect the store again"):
        facts(topic, raw("error_forbidden"))


def test_another_signed_error_is_kept_as_failed() -> None:
    body = b'{"code":"rest_invalid_param","message":"no","data":{"status":400}}'
    with pytest.raises(MalformedPayload, match="rest_invalid_param"):
        facts("order.updated", body)


@pytest.mark.parametrize("topic", ["coupon.created", "action.woocommerce_add_to_cart", "note", ""])
def test_a_topic_we_do_not_use_is_ignored_whatever_it_holds(topic: str) -> None:
    assert facts(topic, b"not json") == []


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("coupon.deleted", b'{"id": 88}'),
        ("coupon.updated", b'{"id": 88, "status": "draft", "date_expires_gmt": null}'),
        (
            "coupon.updated",
            b'{"id": 88, "status": "publish", "date_expires_gmt": "2020-01-01T00:00:00"}',
        ),
    ],
)
def test_a_coupon_nobody_can_use_any_more_is_gone(topic: str, body: bytes) -> None:
    assert facts(topic, body) == [CodeGone(code_key="88", updated_at=RECEIVED)]


def test_a_coupon_that_can_still_be_used_is_no_news() -> None:
    assert facts("coupon.updated", b'{"id": 88, "status": "publish"}') == []
