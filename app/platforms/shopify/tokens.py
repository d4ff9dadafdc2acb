"""Getting and renewing the app's access to a shop: one HTTP exchange each, nothing stored.

A reply that lacks any part of a pair never yields a pair: overwriting a refresh token with nothing
locks the shop out until its owner comes back (https://github.com/Shopify/shopify-app-js/issues/3400).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog

from app import clock
from app.config import Config
from app.errors import AccessLost, BadSignature, Unreachable
from app.platforms.shopify.transport import Transport, check

log = structlog.get_logger()

PATH = "/admin/oauth/access_token"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - the name of a token kind.
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """Access for an hour and the means to renew it. Renewing replaces both tokens."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    refresh_expires_at: datetime
    scope: str


def exchange(config: Config, shop_domain: str, id_token: str) -> TokenPair:
    """An offline pair for a merchant's id token. Raises BadSignature when it is not valid any more.

    Only for a shop without a usable pair: a new pair replaces the one that workers may hold.
    """
    grant = {
        "grant_type": _EXCHANGE,
        "subject_token": id_token,
        "subject_token_type": _ID_TOKEN,
        "requested_token_type": _OFFLINE,
        "expiring": "1",
    }
    return _ask(config, shop_domain, grant)


def refresh(config: Config, shop_domain: str, pair: TokenPair) -> TokenPair:
    """The next pair. Safe to repeat after a lost reply until the new pair has been used once."""
    grant = {"grant_type": "refresh_token", "refresh_token": pair.refresh_token}
    renewed = _ask(config, shop_domain, grant)
    log.info("shopify_token_renewed", shop=shop_domain, expires_at=str(renewed.expires_at))
    return renewed


def _ask(config: Config, domain: str, grant: dict[str, str]) -> TokenPair:
    body = {
        "client_id": config.shopify_api_key,
        "client_secret": config.shopify_api_secret,
        **grant,
    }
    transport = Transport.from_config(config)
    try:
        asked_at = clock.now()
        response = transport.post(domain, PATH, body)
    finally:
        transport.close()
    if response.status_code == 400:
        raise _refusal(response)
    check(response, domain)
    return _pair(domain, _object(response), asked_at)


def _refusal(response: httpx.Response) -> Exception:
    code = _object(response).get("error")
    if code == "invalid_subject_token":
        return BadSignature("The shop's id token is not valid any more. Reload the app.")
    if code == "invalid_grant":
        return AccessLost("Our access to this shop has run out. Open the app in the shop's admin.")
    if code == "invalid_client":
        return AccessLost("The app is not installed in this shop, or its credentials are wrong.")
    return Unreachable(f"Shopify refused the token request ({code or 'no reason given'}).")


def _pair(domain: str, reply: dict[str, Any], asked_at: datetime) -> TokenPair:
    try:
        access, renewal = str(reply["access_token"]), str(reply["refresh_token"])
        lives, renewable = int(reply["expires_in"]), int(reply["refresh_token_expires_in"])
    except (KeyError, TypeError, ValueError) as error:
        raise Unreachable(f"{domain} answered with an incomplete pair of tokens.") from error
    if not access or not renewal or lives <= 0 or renewable <= 0:
        raise Unreachable(f"{domain} answered with an empty pair of tokens.")
    return TokenPair(
        access_token=access,
        refresh_token=renewal,
        expires_at=asked_at + timedelta(seconds=lives),
        refresh_expires_at=asked_at + timedelta(seconds=renewable),
        scope=str(reply.get("scope") or ""),
    )


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        reply = response.json()
    except ValueError:
        return {}
    return reply if isinstance(reply, dict) else {}
