"""Signatures as Shopify makes them: webhook digests and id tokens, without a library."""

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any


def digest(body: bytes, secret: str) -> str:
    """The signature of a webhook's raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def mint(claims: Mapping[str, Any], secret: str) -> str:
    """A JWT signed with HS256."""
    head = _part({"alg": "HS256", "typ": "JWT"})
    signed = f"{head}.{_part(claims)}"
    return f"{signed}.{_text(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def claims_of(token: str, secret: str) -> dict[str, Any] | None:
    """The claims of a JWT that `secret` signed, else None."""
    signed, _, signature = token.rpartition(".")
    expected = _text(hmac.digest(secret.encode(), signed.encode(), "sha256"))
    if not signed or not hmac.compare_digest(expected.encode(), signature.encode()):
        return None
    body = signed.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _part(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
