"""Stores and what they entrust to us."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Moment, StoreId, new_id


class StoreStatus(StrEnum):
    ACTIVE = "active"
    UNINSTALLED = "uninstalled"
    ERASED = "erased"


class Store(Base):
    """One connected shop. `number` is its short name in links; `settings` see `stores.settings`,
    `lasting_key` see `stores.lasting`."""

    __tablename__ = "stores"
    __table_args__ = (UniqueConstraint("platform", "domain"), UniqueConstraint("number"))

    store_id: Mapped[StoreId] = mapped_column(default=new_id)
    number: Mapped[int] = mapped_column(BigInteger, Identity())
    platform: Mapped[str]
    domain: Mapped[str]
    url: Mapped[str]
    name: Mapped[str]
    currency: Mapped[str]
    timezone: Mapped[str]
    country: Mapped[str | None]
    locale: Mapped[str]
    contact_email: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=StoreStatus.ACTIVE)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    lasting_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    installed_at: Mapped[Moment] = mapped_column(default=clock.now)
    uninstalled_at: Mapped[datetime | None]
    source_updated_at: Mapped[datetime | None]


class Credential(Base):
    """A sealed secret. `kind`: shop, webhook, klaviyo, klaviyo_webhook, twilio. Replaced whole,
    never in parts.

    `channels` are those it carries, in the open, because conditions ask for them.
    `lease_until` is held by the one process that is refreshing it.
    """

    __tablename__ = "credentials"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    channels: Mapped[list[str]] = mapped_column(default=list)
    expires_at: Mapped[datetime | None]
    refresh_expires_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    broken_since: Mapped[datetime | None]
    broken_reason: Mapped[str | None]
    updated_at: Mapped[Moment] = mapped_column(default=clock.now)


class Backfill(Base):
    """How far the reading of one resource has come; the page shows it, a restart continues it."""

    __tablename__ = "backfills"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    resource: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="waiting")
    cursor: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    due_at: Mapped[Moment] = mapped_column(default=clock.now)
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]
    started_at: Mapped[Moment] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class PendingConnection(Base):
    """A connection a merchant has begun: the one-time state of wc-auth or an OAuth dance.

    It belongs to no store yet, so it is read by its unguessable state and used once.
    """

    __tablename__ = "pending_connections"

    state: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    details: Mapped[dict[str, Any]]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "expires_at"),)
