"""Whether a WooCommerce request is what it says: signatures, keys, pings."""

import pytest

from app.errors import BadSignature
from app.platforms import Delivery
from app.platforms.woocommerce import WooCommerce, is_ping
from app.platforms.woocommerce.platform import sign
from tests.unit.platforms.woocommerce_bodies import facts, raw

SECRET = "4c6f9f6f0d9e4d0d8c1b"


def delivery(body: bytes, *, secret: str = SECRET, topic: str = "order.created") -> Delivery:
    headers = {"x-wc-webhook-topic": topic, "x-wc-webhook-signature": sign(body, secret)}
    return Delivery(headers=headers, body=body)


def test_a_body_signed_with_the_current_or_the_previous_secret_is_verified() -> None:
    verified = WooCommerce().verify(delivery(raw("order_processing")), ["new", SECRET])

    assert verified.topic == "order.created"
    assert verified.triggered_at is None


def test_the_signature_is_the_one_openssl_makes() -> None:
    # Computed apart from our code: openssl dgst -sha256 -hmac secret -binary | base64
    assert sign(b'{"id":1}', "secret") == "A971iWIMgT8Zj9A9eWfikrFj7wQ16/Qwcc4OlRl2PLc="


@pytest.mark.parametrize("secrets", [[], [""], ["", ""], ["other"]])
def test_an_empty_or_wrong_secret_never_verifies(secrets: list[str]) -> None:
    body = raw("order_processing")
    with pytest.raises(BadSignature):
        WooCommerce().verify(delivery(body, secret=""), secrets)
    with pytest.raises(BadSignature):
        WooCommerce().verify(delivery(body), secrets)


def test_a_changed_byte_or_a_missing_header_is_refused() -> None:
    signed = delivery(raw("order_processing"))
    with pytest.raises(BadSignature):
        WooCommerce().verify(Delivery(headers=signed.headers, body=signed.body + b" "), [SECRET])
    for name in ("x-wc-webhook-signature", "x-wc-webhook-topic"):
        headers = {k: v for k, v in signed.headers.items() if k != name}
        with pytest.raises(BadSignature):
            WooCommerce().verify(Delivery(headers=headers, body=signed.body), [SECRET])


def test_two_orders_of_one_second_keep_their_own_key_and_a_repeat_has_the_same() -> None:
    first = delivery(raw("order_processing"))
    second = delivery(raw("order_pending"))
    keys = [WooCommerce().verify(d, [SECRET]).webhook_key for d in (first, second, first)]

    assert keys[0] != keys[1]
    assert keys[0] == keys[2]


def test_created_and_updated_with_identical_bytes_are_two_webhooks() -> None:
    body = raw("order_processing")
    created = WooCommerce().verify(delivery(body, topic="order.created"), [SECRET])
    updated = WooCommerce().verify(delivery(body, topic="order.updated"), [SECRET])

    assert created.webhook_key != updated.webhook_key
    assert facts("order.created", body) == facts("order.updated", body)


def test_the_unsigned_form_is_a_ping_and_a_signed_body_is_not() -> None:
    assert is_ping(Delivery(headers={}, body=b"webhook_id=12"))
    assert not is_ping(Delivery(headers={}, body=b"webhook_id=12&x=1"))
    assert not is_ping(Delivery(headers={}, body=b'{"id":1}'))
    assert not is_ping(delivery(b"webhook_id=12"))
