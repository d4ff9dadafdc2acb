"""wc-auth without a network: the address to send a merchant to, and the keys posted back."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from app.errors import InvalidInput, MalformedPayload
from app.platforms.woocommerce import authorize_url, read_callback

STATE = "q1-2_W3e4R5t6Y7u8I9"
BODY = {
    "key_id": 1,
    "user_id": STATE,
    "consumer_key": "ck_" + "a1" * 20,
    "consumer_secret": "cs_" + "b2" * 20,
    "key_permissions": "read_write",
}


def test_the_merchant_is_sent_with_all_five_fields() -> None:
    url = authorize_url(
        "https://shop.example/wp/",
        "Comeback",
        STATE,
        "https://c.example/r?a=1",
        "https://c.example/k",
    )

    parts = urlsplit(url)
    assert parts.path == "/wp/wc-auth/v1/authorize"
    assert parse_qs(parts.query) == {
        "app_name": ["Comeback"],
        "scope": ["read_write"],
        "user_id": [STATE],
        "return_url": ["https://c.example/r?a=1"],
        "callback_url": ["https://c.example/k"],
    }


@pytest.mark.parametrize("state", ["", "a|b", "a b", "a.b", "ü", "a" * 201])
def test_a_state_the_login_detour_would_change_is_refused(state: str) -> None:
    with pytest.raises(InvalidInput, match="state"):
        authorize_url("https://shop.example", "Comeback", state, "https://r", "https://c")


def test_the_keys_are_read_and_stay_out_of_the_text_of_the_object() -> None:
    keys = read_callback(json.dumps(BODY).encode())

    assert (keys.state, keys.permissions) == (STATE, "read_write")
    assert keys.consumer_key == BODY["consumer_key"]
    assert keys.consumer_secret not in repr(keys)
    assert keys.consumer_key not in repr(keys)


@pytest.mark.parametrize("name", ["user_id", "consumer_key", "consumer_secret", "key_permissions"])
@pytest.mark.parametrize("value", [None, "", "a|b", ["x"]])
def test_a_wrong_field_is_named_and_its_value_is_not(name: str, value: object) -> None:
    with pytest.raises(MalformedPayload, match=name) as caught:
        read_callback(json.dumps({**BODY, name: value}).encode())
    assert "b2b2" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"user_id=1&consumer_key=ck_1", b"[]", b"null"])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        read_callback(body)
