"""Where a webhook comes from is proved on its raw bytes, before anything reads them."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadSignature
from app.platforms import Delivery
from app.platforms.shopify.payloads import Shopify, shop_of, sign

BODY = b'{"a":1}'
VECTOR = "yElYbtPaWVOHIMkLblFnAW+hD0k6yfNYsbHMUl/bcyg="


def delivery(prefix: str = "x-shopify-", *, body: bytes = BODY, **changes: str) -> Delivery:
    headers = {
        "hmac-sha256": VECTOR,
        "topic": "orders/create",
        "webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "shop-domain": "Officina.myshopify.com",
        "triggered-at": "2026-03-01T09:15:31.123456789Z",
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    return Delivery(headers={prefix + name: value for name, value in headers.items()}, body=body)


def test_shopifys_own_vector_is_signed_as_shopify_signs_it() -> None:
    assert sign(BODY, "sec") == VECTOR


@pytest.mark.parametrize("prefix", ["x-shopify-", "shopify-"])
def test_both_header_families_are_read(prefix: str) -> None:
    verified = Shopify().verify(delivery(prefix), ["sec"])

    assert verified.topic == "orders/create"
    assert verified.webhook_key == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    assert verified.triggered_at is not None
    assert shop_of(delivery(prefix)) == "officina.myshopify.com"


def test_the_previous_secret_holds_while_secrets_are_rotated() -> None:
    assert Shopify().verify(delivery(), ["new", "sec"]).topic == "orders/create"


@pytest.mark.parametrize("secrets", [[], [""], ["other"], ["", "other"]])
def test_no_other_secret_holds(secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        Shopify().verify(delivery(), secrets)


def test_an_empty_secret_never_holds_even_when_the_sender_signed_with_it() -> None:
    signed = delivery(hmac_sha256=base64.b64encode(hmac.digest(b"", BODY, "sha256")).decode())

    with pytest.raises(BadSignature):
        Shopify().verify(signed, ["", "sec"])


@pytest.mark.parametrize("signature", ["", "x", VECTOR[:-1], VECTOR.lower(), "ÿ" * 44])
def test_any_other_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        Shopify().verify(delivery(hmac_sha256=signature), ["sec"])


def test_one_changed_byte_breaks_the_signature() -> None:
    with pytest.raises(BadSignature):
        Shopify().verify(delivery(body=b'{"a":2}'), ["sec"])


@given(st.binary(max_size=200))
def test_bytes_that_are_not_even_text_are_proved_as_they_came(body: bytes) -> None:
    signed = delivery(body=body, hmac_sha256=sign(body, "sec"))

    assert Shopify().verify(signed, ["sec"]).topic == "orders/create"


@pytest.mark.parametrize("nameless", [delivery(topic=""), delivery(webhook_id="")])
def test_a_delivery_without_topic_or_id_is_refused(nameless: Delivery) -> None:
    with pytest.raises(BadSignature, match="no topic or no webhook id"):
        Shopify().verify(nameless, ["sec"])


@pytest.mark.parametrize("moment", ["", "soon", "2026-03-01T09:15:31"])
def test_an_unreadable_trigger_time_is_left_out(moment: str) -> None:
    assert Shopify().verify(delivery(triggered_at=moment), ["sec"]).triggered_at is None
