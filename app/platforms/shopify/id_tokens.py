"""Reading the id token that the admin hands to our page: who opened which shop, for one minute.

It proves a staff member of a shop and grants nothing; it must never travel in an address of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt

from app import clock
from app.config import Config
from app.errors import BadSignature
from app.platforms.shopify.domains import is_shop_domain

LEEWAY = timedelta(seconds=10)
"""App Bridge often dates a token a little ahead of our clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    shop_domain: str
    user_key: str
    expires_at: datetime


def read_id_token(config: Config, token: str) -> IdToken:
    """The token's shop and user. Raises BadSignature for anything that does not hold."""
    claims = _claims(config, token)
    expires_at, starts_at = _moment(claims, "exp"), _moment(claims, "nbf")
    now = clock.now()
    if now >= expires_at + LEEWAY or now < starts_at - LEEWAY:
        raise BadSignature("This id token has expired. Reload the app.")
    shop, issuer = _host(claims, "dest"), _host(claims, "iss")
    if not is_shop_domain(shop) or shop != issuer:
        raise BadSignature("This id token does not name one shop.")
    user = claims.get("sub")
    if not isinstance(user, str) or not user:
        raise BadSignature("This id token names no user.")
    return IdToken(shop_domain=shop, user_key=user, expires_at=expires_at)


def _claims(config: Config, token: str) -> Mapping[str, Any]:
    """Signature and audience only; the times are compared with our one clock, not the library's."""
    for secret in config.shopify_secrets:
        try:
            return jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                audience=config.shopify_api_key,
                options={
                    "require": ["exp", "nbf", "iss", "dest", "sub", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            continue
    raise BadSignature("This id token is not signed for this app.")


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(claims[name]), UTC)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise BadSignature(f"This id token's {name} is not a time.") from error


def _host(claims: Mapping[str, Any], name: str) -> str:
    try:
        return (urlsplit(str(claims[name])).hostname or "").lower()
    except ValueError:
        return ""
