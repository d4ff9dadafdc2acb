"""An id token proves one staff member of one shop for one minute, and nothing else does."""

from datetime import timedelta
from typing import Any

import jwt
import pytest

from app import clock as app_clock
from app.config import Config
from app.errors import BadSignature
from app.platforms.shopify.id_tokens import read_id_token

CONFIG = Config(
    shopify_api_key="client-id",
    shopify_api_secret="a-secret-long-enough-for-hs256-000",
    shopify_old_api_secret="an-older-secret-long-enough-00000",
)


def token(secret: str = CONFIG.shopify_api_secret, **changes: Any) -> str:
    now = app_clock.now().timestamp()
    claims = {
        "iss": "https://officina.myshopify.com/admin",
        "dest": "https://officina.myshopify.com",
        "aud": "client-id",
        "sub": "42",
        "exp": now + 60,
        "nbf": now,
        "iat": now,
        "jti": "f8912129",
        "sid": "aaea182f",
    } | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, secret, algorithm="HS256")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("secret", CONFIG.shopify_secrets)
def test_both_secrets_hold_while_they_are_rotated(secret: str) -> None:
    read = read_id_token(CONFIG, token(secret))

    assert (read.shop_domain, read.user_key) == ("officina.myshopify.com", "42")
    assert read.expires_at == app_clock.now() + timedelta(seconds=60)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("shift", [-69, 9])
def test_ten_seconds_of_clock_difference_are_forgiven(shift: int) -> None:
    moment = app_clock.now().timestamp() + shift

    assert read_id_token(CONFIG, token(nbf=moment, exp=moment + 60)).user_key == "42"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("shift", [-71, 11])
def test_more_than_ten_seconds_are_not(shift: int) -> None:
    moment = app_clock.now().timestamp() + shift

    with pytest.raises(BadSignature, match="expired"):
        read_id_token(CONFIG, token(nbf=moment, exp=moment + 60))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-app"},
        {"aud": None},
        {"iss": "https://victim.myshopify.com/admin"},
        {"dest": "https://evil.example", "iss": "https://evil.example/admin"},
        {"dest": None},
        {"sub": None},
        {"sub": ""},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": None},
    ],
)
def test_a_token_with_a_wrong_claim_proves_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        read_id_token(CONFIG, token(**changes))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("forged", ["", "a.b.c", token("a-wrong-secret-long-enough-for-hs256")])
def test_a_token_not_signed_for_this_app_proves_nothing(forged: str) -> None:
    with pytest.raises(BadSignature):
        read_id_token(CONFIG, forged)


@pytest.mark.usefixtures("clock")
def test_an_unsigned_token_proves_nothing() -> None:
    claims = jwt.decode(token(), options={"verify_signature": False})

    with pytest.raises(BadSignature):
        read_id_token(CONFIG, jwt.encode(claims, "", algorithm="none"))


@pytest.mark.usefixtures("clock")
def test_an_app_without_a_secret_trusts_nobody() -> None:
    with pytest.raises(BadSignature):
        read_id_token(Config(shopify_api_key="client-id"), token())
