"""Keeping tokens fresh: one process refreshes a store's pair at a time, and a pair is stored whole.

No transaction is open during the call. A process that dies between the provider's answer and our
commit loses nothing: Shopify keeps the used refresh token alive until its replacement is used
(shopify.md 2.5).
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.config import Config
from app.crypto import Vault
from app.errors import AccessLost, Unreachable
from app.models import Credential
from app.points import Point, pass_point
from app.stores.credentials import Secret, drop_lease, load, save, take_lease
from app.stores.losing import lose
from app.tenancy import platform_transaction, store_transaction

MARGIN = timedelta(minutes=5)
KEEP_ALIVE = timedelta(days=14)
"""A refresh token unused for 90 days dies; quiet stores are refreshed this long before."""

Refresher = Callable[[Config, str, Secret], Secret]
"""(config, shop domain, old pair) -> new pair. Raises AccessLost or Unreachable."""


class Freshener:
    """Gives out credentials that will still be valid in `MARGIN`."""

    def __init__(self, config: Config, refreshers: dict[str, Refresher]) -> None:
        self._config = config
        self._vault = Vault(config.keys)
        self._refreshers = refreshers

    def fresh(self, store_id: UUID, kind: str, domain: str) -> Secret | None:
        """The store's credential, refreshed if it is about to expire; None if it has none.

        Raises AccessLost when it is broken, Unreachable when it expired and another process is
        still refreshing it.
        """
        with store_transaction(store_id) as session:
            secret = load(session, self._vault, store_id, kind)
        if secret is None:
            return None
        if secret.broken_reason:
            raise AccessLost(secret.broken_reason)
        if not secret.expires_within(MARGIN):
            return secret
        return self.refresh(store_id, kind, domain)

    def refresh(self, store_id: UUID, kind: str, domain: str) -> Secret:
        """Get a new pair now, unless another process is at it and the old one still works."""
        with store_transaction(store_id) as session:
            leased = take_lease(session, store_id, kind)
            secret = load(session, self._vault, store_id, kind)
        if secret is None:
            raise AccessLost("The store is not connected any more.")
        if leased and _is_due(secret):
            return self._call(store_id, secret, domain)
        if leased:  # Another process has renewed it while we asked for the lease.
            with store_transaction(store_id) as session:
                drop_lease(session, store_id, kind)
        return self._as_it_is(secret)

    @staticmethod
    def _as_it_is(secret: Secret) -> Secret:
        if secret.expires_within(timedelta()):
            raise Unreachable("The token is being refreshed by another process.", retry_after=2.0)
        return secret

    def _call(self, store_id: UUID, secret: Secret, domain: str) -> Secret:
        try:
            renewed = self._refreshers[secret.kind](self._config, domain, secret)
        except AccessLost as error:
            lose(store_id, secret.kind, str(error), secret.kept_at, renewable=False)
            raise
        except Exception:
            with store_transaction(store_id) as session:
                drop_lease(session, store_id, secret.kind)
            raise
        pass_point(Point.TOKENS_RENEWED)
        with store_transaction(store_id) as session:
            return save(session, self._vault, store_id, renewed)

    @staticmethod
    def quiet() -> list[tuple[UUID, str]]:
        """Credentials whose refresh token would die soon because nobody has used them."""
        with platform_transaction("find refresh tokens about to die") as session:
            rows = session.execute(
                select(Credential.store_id, Credential.kind).where(
                    Credential.refresh_expires_at < clock.now() + KEEP_ALIVE,
                    Credential.broken_since.is_(None),
                )
            ).all()
        return [(store_id, kind) for store_id, kind in rows]


def _is_due(secret: Secret) -> bool:
    dies_at = secret.refresh_expires_at
    return secret.expires_within(MARGIN) or (
        dies_at is not None and dies_at < clock.now() + KEEP_ALIVE
    )
