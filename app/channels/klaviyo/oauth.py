"""Signing in to the merchant's Klaviyo with OAuth 2.1 and PKCE (S256).

Must never hand out half a pair of tokens: a refresh token lost is a connection lost.
https://developers.klaviyo.com/en/docs/set_up_oauth
"""

import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx

from app import clock
from app.backoff import asked_wait
from app.config import Config
from app.errors import AccessLost, ComebackError, ConfigError, InvalidInput, Unreachable

KEY_SCOPES = (
    *("accounts:read", "metrics:read", "events:read", "events:write", "profiles:read"),
    *("profiles:write", "templates:read", "templates:write", "flows:read", "flows:write"),
    *("subscriptions:write", "lists:write", "data-privacy:write"),
    *("webhooks:read", "webhooks:write"),
)
"""What we ask of Klaviyo needs these, and a private key no others."""
SCOPES = " ".join((*KEY_SCOPES, "subscriptions:read", "lists:read"))
"""For signing in."""
_TIMEOUT = httpx.Timeout(10.0, connect=2.0)
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What one account gave us. A refresh replaces both tokens: keep both, in one transaction."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scope: str


def new_verifier() -> str:
    """A fresh PKCE secret; keep it in the merchant's session until they come back."""
    return secrets.token_urlsafe(48)


def authorize_url(config: Config, state: str, verifier: str, redirect_uri: str) -> str:
    """Where to send the merchant. `state` must be ours and signed."""
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidInput("verifier", "use 43 to 128 letters, digits or -._~")
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": _client(config)[0],
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": state,
        "code_challenge_method": "S256",
        "code_challenge": challenge,
    }
    host = config.klaviyo_endpoint or "https://www.klaviyo.com"
    return f"{host}/oauth/authorize?{urlencode(query)}"


def exchange(config: Config, code: str, verifier: str, redirect_uri: str) -> Tokens:
    """The tokens for a code that came back, within five minutes of its making."""
    proof = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
    return _tokens(config, grant_type="authorization_code", **proof)


def refresh(config: Config, refresh_token: str) -> Tokens:
    """A new pair. Raises AccessLost when the merchant or 90 idle days revoked the old one."""
    return _tokens(config, grant_type="refresh_token", refresh_token=refresh_token)


def revoke(config: Config, refresh_token: str) -> None:
    """Give the access back. A token that is gone already is a success."""
    form = {"token": refresh_token, "token_type_hint": "refresh_token"}
    reply = _post(config, "/oauth/revoke", form)
    if not reply.is_success and _problem(reply) not in {"invalid_grant", "invalid_token"}:
        raise _error(reply)


def _tokens(config: Config, **form: str) -> Tokens:
    reply = _post(config, "/oauth/token", form)
    if not reply.is_success:
        raise _error(reply)
    content = _content(reply)
    try:
        return Tokens(
            access_token=_filled(content["access_token"]),
            refresh_token=_filled(content["refresh_token"]),
            expires_at=clock.now() + timedelta(seconds=float(content["expires_in"])),
            scope=str(content.get("scope") or ""),
        )
    except (KeyError, TypeError, ValueError):
        raise Unreachable("Klaviyo's sign-in answered with only a part of the tokens.") from None


def _post(config: Config, path: str, form: dict[str, str]) -> httpx.Response:
    host = config.klaviyo_endpoint or "https://a.klaviyo.com"
    try:
        return httpx.post(host + path, data=form, auth=_client(config), timeout=_TIMEOUT)
    except httpx.TransportError as error:
        raise Unreachable(f"Klaviyo's sign-in did not answer ({type(error).__name__}).") from error


def _client(config: Config) -> tuple[str, str]:
    if not config.klaviyo_client_id or not config.klaviyo_client_secret:
        raise ConfigError("Set KLAVIYO_CLIENT_ID and KLAVIYO_CLIENT_SECRET to use Klaviyo sign-in.")
    return config.klaviyo_client_id, config.klaviyo_client_secret


def _error(reply: httpx.Response) -> ComebackError:
    """No `error` in JSON: not Klaviyo's sign-in spoke but a network in front of it, and it passes.
    https://developers.klaviyo.com/en/docs/troubleshoot_oauth_errors"""
    problem = _problem(reply)
    if problem == "invalid_grant":
        return AccessLost("Klaviyo's access was taken back or has expired. Connect Klaviyo again.")
    if problem == "invalid_client":
        return ConfigError(
            "KLAVIYO_CLIENT_ID and KLAVIYO_CLIENT_SECRET are not a pair Klaviyo has."
        )
    if problem is None or reply.status_code == 429 or reply.status_code >= 500:
        wait = asked_wait(reply.headers.get("Retry-After"), clock.now())
        return Unreachable(f"Klaviyo's sign-in answered {reply.status_code}.", wait)
    return ComebackError(f"Klaviyo's sign-in refused our request: {problem}.")


def _problem(reply: httpx.Response) -> str | None:
    problem = _content(reply).get("error")
    return problem if isinstance(problem, str) else None


def _content(reply: httpx.Response) -> dict[str, Any]:
    try:
        content = reply.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _filled(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value
