"""Finding the store a request names, before its secret has proved anything.

Answers are remembered for a few seconds, because every webhook asks.
"""

import time
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from app import clock
from app.crypto import Vault
from app.models import Credential, Store, StoreStatus
from app.stores.credentials import load
from app.tenancy import platform_transaction, store_transaction

REMEMBER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Named:
    """A store that a request claims to come from."""

    store_id: UUID
    platform: str


class Directory:
    """Looks stores up by what a request carries. One per process; safe between threads."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._named: dict[tuple[str, str], tuple[float, Named | None]] = {}
        self._secrets: dict[UUID, tuple[float, tuple[str, ...]]] = {}

    def by_domain(self, platform: str, domain: str) -> Named | None:
        """The store of this platform and shop domain, installed or not; None if never seen."""
        key = (platform, domain.lower())
        found = self._named.get(key)
        if found is None or found[0] < time.monotonic():
            found = (time.monotonic() + REMEMBER_SECONDS, _look_up(*key))
            if found[1] is not None:  # A store that installs this second must be found the next.
                self._named[key] = found
        return found[1]

    def by_id(self, platform: str, store_id: UUID) -> Named | None:
        """The store with this id, if it is one of this platform."""
        key = (platform, str(store_id))
        found = self._named.get(key)
        if found is None or found[0] < time.monotonic():
            with store_transaction(store_id) as session:
                store = session.get(Store, store_id)
            known = store is not None and store.platform == platform
            found = (
                time.monotonic() + REMEMBER_SECONDS,
                Named(store_id, platform) if known else None,
            )
            if found[1] is not None:
                self._named[key] = found
        return found[1]

    def by_number(self, number: int) -> Named | None:
        """The store whose short number a link of ours carries."""
        key = ("number", str(number))
        found = self._named.get(key)
        if found is None or found[0] < time.monotonic():
            found = (time.monotonic() + REMEMBER_SECONDS, _numbered(number))
            if found[1] is not None:
                self._named[key] = found
        return found[1]

    def webhook_secrets(self, store_id: UUID) -> tuple[str, ...]:
        """The store's own webhook secrets, current first; empty when it has none."""
        found = self._secrets.get(store_id)
        if found is None or found[0] < time.monotonic():
            with store_transaction(store_id) as session:
                secret = load(session, self._vault, store_id, "webhook")
            values = secret.values if secret else {}
            secrets = tuple(values[name] for name in ("current", "previous") if values.get(name))
            found = (time.monotonic() + REMEMBER_SECONDS, secrets)
            if secrets:
                self._secrets[store_id] = found
        return found[1]


def _look_up(platform: str, domain: str) -> Named | None:
    with platform_transaction("find the store a webhook names") as session:
        store_id = session.scalars(
            select(Store.store_id).where(Store.platform == platform, Store.domain == domain)
        ).first()
    return Named(store_id, platform) if store_id else None


def _numbered(number: int) -> Named | None:
    with platform_transaction("find the store a link names") as session:
        row = session.execute(
            select(Store.store_id, Store.platform).where(Store.number == number)
        ).one_or_none()
    return Named(row.store_id, row.platform) if row else None


def usable_shop(platform: str, domain: str) -> UUID | None:
    """The connected store of this domain whose credential still works, asked at every sign-in."""
    with platform_transaction("find the store a signed-in merchant opens") as session:
        return session.scalars(
            select(Store.store_id)
            .join(Credential, Credential.store_id == Store.store_id)
            .where(
                Store.platform == platform,
                Store.domain == domain,
                Store.status == StoreStatus.ACTIVE,
                Credential.kind == "shop",
                Credential.broken_since.is_(None),
                or_(
                    Credential.refresh_expires_at.is_(None),
                    Credential.refresh_expires_at > clock.now(),
                ),
            )
        ).one_or_none()


def stores_with(kind: str) -> list[UUID]:
    """Every store that has given us a working credential of this kind."""
    with platform_transaction("find the stores with a credential") as session:
        return list(
            session.scalars(
                select(Credential.store_id).where(
                    Credential.kind == kind, Credential.broken_since.is_(None)
                )
            )
        )
