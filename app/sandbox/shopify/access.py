"""Tokens of one shop: exchanged, rotated, and dead after an uninstall.

A used refresh token stays usable until the pair it gave is renewed in turn, which is how an app
recovers from a lost reply.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app import clock

ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=90)


@dataclass(slots=True)
class Grant:
    access_token: str
    refresh_token: str
    expires_at: datetime
    refresh_expires_at: datetime
    parent: str | None


@dataclass(slots=True)
class Doorman:
    """Who may come in. `permanent` is the token of a merchant's own custom app.

    `ends_the_old`: a renewal ends the access token before it at once, which nobody has written
    whether Shopify does; else that one lives out its hour.
    """

    scope: str
    permanent: str | None = None
    access_life: timedelta = ACCESS_LIFE
    ends_the_old: bool = False
    grants: dict[str, Grant] = field(default_factory=dict)

    def admits(self, token: str) -> bool:
        if self.permanent is not None and token == self.permanent:
            return True
        now = clock.now()
        return any(
            grant.access_token == token and now < grant.expires_at for grant in self.grants.values()
        )

    def exchange(self) -> dict[str, Any]:
        """A first pair; whatever pair there was before is gone."""
        self.grants.clear()
        return self._issue(parent=None)

    def refresh(self, refresh_token: str) -> dict[str, Any] | None:
        """The next pair, or None for a dead token."""
        grant = self.grants.get(refresh_token)
        if grant is None or clock.now() >= grant.refresh_expires_at:
            return None
        if grant.parent is not None:
            # Its replacement is in use now, so the parent has done its duty.
            self.grants.pop(grant.parent, None)
        if self.ends_the_old:
            grant.expires_at = clock.now()
        return self._issue(parent=refresh_token)

    def shut(self) -> None:
        self.grants.clear()
        self.permanent = None

    def _issue(self, parent: str | None) -> dict[str, Any]:
        now = clock.now()
        grant = Grant(
            access_token=f"shpat_{secrets.token_hex(16)}",
            refresh_token=f"shprt_{secrets.token_hex(16)}",
            expires_at=now + self.access_life,
            refresh_expires_at=now + REFRESH_LIFE,
            parent=parent,
        )
        self.grants[grant.refresh_token] = grant
        return {
            "access_token": grant.access_token,
            "scope": self.scope,
            "expires_in": int(self.access_life.total_seconds()),
            "refresh_token": grant.refresh_token,
            "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
        }
