"""Finding the store a request names, before its secret has proved anything.

Answers are remembered for a few seconds, because every webhook asks.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from app import clock
from app.crypto import Vault
from app.models import Credential, Store, StoreStatus
from app.stores.credentials import load
from app.stores.remembered import Remembered
from app.tenancy import platform_transaction, store_transaction


@dataclass(frozen=True, slots=True)
class Named:
    """A store that a request claims to come from."""

    store_id: UUID
    platform: str


class Directory:
    """Looks stores up by what a request carries. One per process; safe between threads.
    What webhooks ask is asked from an event loop."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._domains = Remembered[tuple[str, str], Named](_with_domain)
        self._ids = Remembered[tuple[str | None, UUID], Named](_with_id)
        self._numbers = Remembered[int, Named](_numbered)
        self._secrets = Remembered[UUID, tuple[str, ...]](self._load_secrets)

    async def by_domain(self, platform: str, domain: str) -> Named | None:
        """The store of this platform and shop domain, installed or not; None if never seen."""
        return await self._domains.soon((platform, domain.lower()))

    async def by_id(self, platform: str | None, store_id: UUID) -> Named | None:
        """The store with this id, if it is one of this platform; None is any."""
        return await self._ids.soon((platform, store_id))

    def by_number(self, number: int) -> Named | None:
        """The store whose short number a link of ours carries."""
        return self._numbers.of(number)

    async def webhook_secrets(self, store_id: UUID) -> tuple[str, ...]:
        """The store's own webhook secrets, current first; empty when it has none."""
        return await self._secrets.soon(store_id) or ()

    def _load_secrets(self, store_id: UUID) -> tuple[str, ...]:
        with store_transaction(store_id) as session:
            secret = load(session, self._vault, store_id, "webhook")
        values = secret.values if secret else {}
        return tuple(values[name] for name in ("current", "previous") if values.get(name))


def _with_domain(key: tuple[str, str]) -> Named | None:
    platform, domain = key
    with platform_transaction("find the store a webhook names") as session:
        store_id = session.scalars(
            select(Store.store_id).where(Store.platform == platform, Store.domain == domain)
        ).first()
    return Named(store_id, platform) if store_id else None


def _with_id(key: tuple[str | None, UUID]) -> Named | None:
    platform, store_id = key
    with store_transaction(store_id) as session:
        store = session.get(Store, store_id)
    if store is None or platform not in (None, store.platform):
        return None
    return Named(store_id, store.platform)


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
