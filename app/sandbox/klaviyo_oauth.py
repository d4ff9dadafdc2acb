"""Klaviyo's sign-in: codes for five minutes, PKCE with S256, access tokens for an hour."""

import json
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from app import clock

CODE_LIFE = timedelta(minutes=5)
TOKEN_LIFE = timedelta(hours=1)


class OAuthProblem(Exception):
    """A refusal in the words of RFC 6749."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status

    def reply(self) -> Response:
        body = json.dumps({"error": self.error, "error_description": self.error})
        return Response(body, status=self.status, content_type="application/json")


@dataclass(frozen=True, kw_only=True)
class _Code:
    account_key: str
    challenge: str
    redirect_uri: str
    scope: str
    until: datetime


@dataclass(kw_only=True)
class SignIn:
    """Codes and tokens of all accounts. `apps` maps a client id to its secret."""

    apps: dict[str, str] = field(default_factory=dict)
    codes: dict[str, _Code] = field(default_factory=dict)
    access: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    refreshing: dict[str, tuple[str, str]] = field(default_factory=dict)
    _count: int = 0

    def account_key(self, token: str) -> str | None:
        """The account an access token opens, while it lives."""
        key, until = self.access.get(token, ("", clock.now()))
        return key if clock.now() < until else None

    def authorize(self, request: Request, account_key: str) -> Response:
        """The merchant agrees at once and goes back with a code."""
        asked = request.args
        if asked.get("client_id") not in self.apps or asked.get("code_challenge_method") != "S256":
            raise OAuthProblem("invalid_request")
        code = self._new("code")
        self.codes[code] = _Code(
            account_key=account_key,
            challenge=asked["code_challenge"],
            redirect_uri=asked["redirect_uri"],
            scope=asked.get("scope", ""),
            until=clock.now() + CODE_LIFE,
        )
        query = urlencode({"code": code, "state": asked.get("state", "")})
        return Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{query}"})

    def token(self, request: Request) -> Response:
        """Tokens for a code or for a refresh token."""
        self._require_app(request)
        if request.form.get("grant_type") == "refresh_token":
            refresh_token = request.form.get("refresh_token", "")
            if refresh_token not in self.refreshing:
                raise OAuthProblem("invalid_grant")
            account_key, scope = self.refreshing[refresh_token]
        else:
            code = self._spend(request)
            account_key, scope = code.account_key, code.scope
            refresh_token = self._new("refresh")
            self.refreshing[refresh_token] = (account_key, scope)
        access_token = self._new("access")
        self.access[access_token] = (account_key, clock.now() + TOKEN_LIFE)
        content = {
            "access_token": access_token,
            "refresh_token": refresh_token,
            "token_type": "bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": scope,
        }
        return Response(json.dumps(content), content_type="application/json")

    def revoke(self, request: Request) -> Response:
        self._require_app(request)
        self.refreshing.pop(request.form.get("token", ""), None)
        return Response("{}", content_type="application/json")

    def _spend(self, request: Request) -> _Code:
        """A code works once, for the one who made its challenge, at the address it was made for."""
        code = self.codes.pop(request.form.get("code", ""), None)
        digest = sha256(request.form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            code is None
            or clock.now() >= code.until
            or challenge != code.challenge
            or request.form.get("redirect_uri") != code.redirect_uri
        ):
            raise OAuthProblem("invalid_grant")
        return code

    def _require_app(self, request: Request) -> None:
        try:
            scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
            client_id, _, secret = b64decode(encoded).decode().partition(":")
        except (NotBase64, UnicodeDecodeError):
            raise OAuthProblem("invalid_client", 401) from None
        if scheme != "Basic" or not secret or self.apps.get(client_id) != secret:
            raise OAuthProblem("invalid_client", 401)

    def _new(self, kind: str) -> str:
        self._count += 1
        return f"sandbox-{kind}-{self._count}"
