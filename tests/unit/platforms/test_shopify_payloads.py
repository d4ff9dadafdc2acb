"""Shopify's bodies in our words: real shapes, scrubbed, and every way they can be wrong."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import MalformedPayload
from app.events import (
    BackfillReady,
    CartSeen,
    DataRequested,
    ErasureRequested,
    OrderDeleted,
    OrderSeen,
    OrderStatus,
    ProductDeleted,
    ProductSeen,
    RefundSeen,
    StoreChanged,
    StoreErasureRequested,
    StoreUninstalled,
)
from tests.unit.platforms.shopify_bodies import ARRIVED, TOPICS, changed, facts, only, raw


@pytest.mark.requirement(13)
def test_an_order_keeps_its_person_money_tokens_and_campaign() -> None:
    order = only(OrderSeen, "orders/create", "orders_create")

    assert order.order_key == "8209829119461"
    assert order.number == "#1001"
    assert order.status is OrderStatus.PAID
    assert (order.currency, order.total_minor) == ("EUR", 5397)
    assert order.person.platform_key == "7064055069301"
    assert order.person.email == "ana@example.com"
    assert order.person.locale == "it-IT"
    assert order.cart_keys == ("b1946ac92492d2347c6235b4d2611184", "hWN2SAz3cVRk5YqL")
    assert order.discount_codes == ("BACK-7Q2M",)
    assert order.utm == {
        "utm_source": "comeback",
        "utm_medium": "email",
        "utm_campaign": "cart",
    }
    assert order.placed_at == datetime(2026, 3, 1, 9, 15, 29, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 3, 1, 9, 15, 31, tzinfo=UTC)


def test_a_line_costs_its_price_times_quantity_less_every_discount_on_it() -> None:
    (line,) = only(OrderSeen, "orders/create", "orders_create").lines

    assert (line.quantity, line.total_minor) == (3, 5997 - 600)
    assert (line.product_key, line.variant_key) == ("7880321196", "4001")


def test_a_guest_without_a_customer_record_is_known_by_the_phone_of_the_order() -> None:
    order = only(OrderSeen, "orders/create", "orders_create_jpy_guest")

    assert order.person.platform_key is None
    assert order.person.phone == "+81312345678"
    assert order.status is OrderStatus.PENDING


def test_yen_have_no_decimals_and_dinars_have_three() -> None:
    yen = only(OrderSeen, "orders/create", "orders_create_jpy_guest")
    dinars = only(CartSeen, "checkouts/create", "checkouts_create_kwd_unknown")

    assert (yen.total_minor, yen.lines[0].total_minor) == (5000, 5000)
    assert (dinars.total_minor, dinars.lines[0].total_minor) == (12345, 12345)


def test_a_cancelled_order_is_cancelled_whatever_was_paid() -> None:
    order = only(OrderSeen, "orders/cancelled", "orders_cancelled")

    assert order.status is OrderStatus.CANCELLED
    assert order.cancelled_at == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("paid", OrderStatus.PAID),
        ("partially_refunded", OrderStatus.PAID),
        ("refunded", OrderStatus.REFUNDED),
        ("voided", OrderStatus.CANCELLED),
        ("authorized", OrderStatus.PENDING),
        ("partially_paid", OrderStatus.PENDING),
        ("pending", OrderStatus.PENDING),
    ],
)
def test_only_money_received_counts_as_a_purchase(word: str, status: OrderStatus) -> None:
    (order,) = facts("orders/updated", changed("orders_create", financial_status=word))

    assert isinstance(order, OrderSeen)
    assert order.status is status


def test_a_refund_is_the_same_inside_its_order_and_by_itself() -> None:
    inside = only(OrderSeen, "orders/updated", "orders_updated_refunded").refunds
    alone = only(RefundSeen, "refunds/create", "refunds_create")

    assert inside == (alone.refund,)
    assert alone.order_key == "8209829119461"
    assert alone.refund.amount_minor == 1799


def test_a_refund_paid_in_the_buyers_currency_is_counted_in_the_shops() -> None:
    refund = only(RefundSeen, "refunds/create", "refunds_create_other_currency").refund

    assert refund.amount_minor == 1799 + 500


def test_a_refund_that_moved_no_money_is_worth_nothing() -> None:
    (seen,) = facts("refunds/create", changed("refunds_create", transactions=[]))

    assert isinstance(seen, RefundSeen)
    assert seen.refund.amount_minor == 0


def test_an_edit_alone_tells_no_state() -> None:
    assert facts("orders/edited", raw("orders_edited")) == []


def test_a_deleted_order_is_dated_by_its_arrival() -> None:
    deleted = only(OrderDeleted, "orders/delete", "orders_delete")

    assert deleted == OrderDeleted(order_key="8209829119461", updated_at=ARRIVED)


def test_a_checkout_is_known_by_its_own_token_first_and_its_carts_second() -> None:
    cart = only(CartSeen, "checkouts/create", "checkouts_create")

    assert cart.cart_keys == ("b1946ac92492d2347c6235b4d2611184", "hWN2SAz3cVRk5YqL")
    assert cart.person.email == "ana@example.com"
    assert cart.person.country == "IT"
    assert (cart.currency, cart.total_minor, cart.completed) == ("EUR", 4499, False)
    assert cart.recovery_url is not None


def test_two_lines_of_a_checkout_with_one_key_stay_two_lines() -> None:
    lines = only(CartSeen, "checkouts/create", "checkouts_create").lines

    assert [line.line_key for line in lines] == ["139cb5712fb4", "139cb5712fb4#2"]


def test_a_checkout_with_a_completion_time_became_an_order() -> None:
    assert only(CartSeen, "checkouts/update", "checkouts_update_completed").completed


def test_the_person_of_a_checkout_may_be_unknown() -> None:
    person = only(CartSeen, "checkouts/create", "checkouts_create_kwd_unknown").person

    assert (person.platform_key, person.email, person.phone) == (None, None, None)


def test_a_deleted_checkout_counts_as_emptied() -> None:
    cart = only(CartSeen, "checkouts/delete", "checkouts_delete")

    assert cart.cart_keys == ("hWN2SAz3cVRk5YqL",)
    assert cart.lines == ()


def test_a_cart_is_counted_in_the_shops_money_even_when_the_buyer_sees_another() -> None:
    cart = only(CartSeen, "carts/update", "carts_update")

    assert (cart.currency, cart.total_minor) == ("EUR", 5997)
    assert cart.person.email is None


def test_a_cart_token_with_the_storefronts_key_is_the_same_cart() -> None:
    (cart,) = facts("carts/update", changed("carts_update", token="hWN2SAz3cVRk5YqL?key=abc"))

    assert isinstance(cart, CartSeen)
    assert cart.cart_keys == ("hWN2SAz3cVRk5YqL",)


def test_an_emptied_cart_has_no_lines() -> None:
    cart = only(CartSeen, "carts/update", "carts_update_emptied")

    assert (cart.lines, cart.total_minor) == ((), 0)


def test_a_product_is_available_when_one_variant_can_be_bought() -> None:
    product = only(ProductSeen, "products/update", "products_update")

    assert (product.price_minor, product.available) == (1999, True)
    assert product.url == "https://officina.myshopify.com/products/olio-lavanda"
    assert product.categories == ("Oli essenziali", "Essential Oils")


@pytest.mark.parametrize(("policy", "available"), [("deny", False), ("continue", True)])
def test_a_product_that_is_sold_on_when_it_is_out_of_stock_is_available(
    policy: str, available: bool
) -> None:
    gone = {"price": "9.90", "inventory_management": "shopify", "inventory_quantity": 0}
    body = changed("products_update", variants=[{**gone, "inventory_policy": policy}])

    (product,) = facts("products/update", body)

    assert isinstance(product, ProductSeen)
    assert product.available is available


@pytest.mark.parametrize("change", [{"status": "draft"}, {"published_at": None}, {"variants": []}])
def test_a_hidden_product_is_not_available(change: dict[str, Any]) -> None:
    (product,) = facts("products/update", changed("products_update", **change))

    assert isinstance(product, ProductSeen)
    assert not product.available


def test_store_topics_become_store_facts() -> None:
    assert only(ProductDeleted, "products/delete", "products_delete").product_key == "7880321196"
    assert only(StoreUninstalled, "app/uninstalled", "app_uninstalled").updated_at == ARRIVED
    assert only(StoreErasureRequested, "shop/redact", "shop_redact").updated_at == ARRIVED
    store = only(StoreChanged, "shop/update", "shop_update")
    assert (store.currency, store.timezone, store.locale) == ("EUR", "Europe/Rome", "it")
    ready = only(BackfillReady, "bulk_operations/finish", "bulk_operations_finish")
    assert ready.operation_key == "gid://shopify/BulkOperation/147595010"


def test_the_laws_topics_name_the_person_and_the_orders() -> None:
    request = only(DataRequested, "customers/data_request", "customers_data_request")
    erasure = only(ErasureRequested, "customers/redact", "customers_redact")
    by_email = only(ErasureRequested, "customers/redact", "customers_redact_email_only")

    assert request.request_key == "9999"
    assert erasure.person.platform_key == "7064055069301"
    assert erasure.order_keys == ("8209829119461", "8209829119462")
    assert by_email.person.email == "ana@example.com"


@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact", "app/uninstalled"])
def test_a_body_of_another_shop_is_refused_although_its_signature_holds(topic: str) -> None:
    name = topic.replace("/", "_")
    field = "myshopify_domain" if topic.startswith("app") else "shop_domain"

    with pytest.raises(MalformedPayload, match=field):
        facts(topic, changed(name, **{field: "victim.myshopify.com"}))


@pytest.mark.parametrize("topic", ["app/scopes_update", "themes/publish", ""])
def test_a_topic_we_do_not_use_has_no_facts(topic: str) -> None:
    assert facts(topic, raw("app_scopes_update")) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": None}, "orders/create.id is missing"),
        ({"id": 1.5}, "orders/create.id is not an id"),
        ({"total_price": "a lot"}, "orders/create.total_price"),
        ({"total_price": None}, "orders/create.total_price is missing"),
        ({"currency": "€"}, "orders/create.total_price"),
        ({"currency": 5}, "orders/create.currency is not text"),
        ({"updated_at": "yesterday"}, "orders/create.updated_at is not a time"),
        ({"updated_at": "2026-03-01T10:00:00"}, "orders/create.updated_at is not a time"),
        ({"line_items": "none"}, "orders/create.line_items is not a list"),
        ({"line_items": [{"id": 1}]}, r"orders/create.line_items\[0\].price is missing"),
        ({"customer": []}, "orders/create.customer is not an object"),
    ],
)
def test_a_wrong_shape_names_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedPayload, match=field):
        facts("orders/create", changed("orders_create", **change))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"id":', b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_a_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedPayload, match="orders/create"):
        facts("orders/create", body)


def test_text_the_database_cannot_keep_is_cleaned() -> None:
    (order,) = facts("orders/create", changed("orders_create", name="#1\x00\ud800001"))

    assert isinstance(order, OrderSeen)
    assert order.number == "#1001"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.data())
def test_any_field_may_be_anything_and_only_malformed_payload_is_raised(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from(sorted(TOPICS)))
    body = json.loads(raw(name))
    body[data.draw(st.sampled_from(sorted(body)))] = data.draw(JSON)

    try:
        found = facts(TOPICS[name], json.dumps(body).encode())
    except MalformedPayload as error:
        assert str(error).startswith(TOPICS[name])
    else:
        assert len(found) == 1
