"""Customers, how they are recognised, and what they agreed to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Id, Minor, Moment, StoreId, same_store


class Customer(Base):
    """One person of one store. The figures are kept by `customers.apply` from the orders.

    `clocks` holds when each field was last told, by the source's clock (`customers.people`);
    `suppressed` maps a channel to the reason why the current address there must stay silent.
    """

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_last_order", "store_id", "last_order_at"),
        Index("ix_customers_email", "store_id", "email"),
        Index("ix_customers_phone", "store_id", "phone"),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    customer_id: Mapped[Id]
    platform_key: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    locale: Mapped[str | None]
    country: Mapped[str | None]
    region: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    orders_count: Mapped[int] = mapped_column(default=0)
    spent_minor: Mapped[Minor] = mapped_column(default=0)
    first_order_at: Mapped[datetime | None]
    last_order_at: Mapped[datetime | None]
    last_active_at: Mapped[datetime | None]
    score: Mapped[int | None]
    score_at: Mapped[datetime | None]
    first_seen_at: Mapped[Moment]
    source_updated_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    clocks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    suppressed: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Identity(Base):
    """One way to recognise a customer. `kind`: platform, email, phone. Carts: see `CartKey`.

    `claim` is when and by whom a phone was first named beside a key or an e-mail; empty while only
    the number itself is known (`customers.identity`).
    """

    __tablename__ = "identities"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index("ix_identities_customer", "store_id", "customer_id"),
    )

    store_id: Mapped[StoreId]
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    claim: Mapped[str | None]


class Merge(Base):
    """Two rows turned out to be one person: kept for the record, `because` names the link."""

    __tablename__ = "merges"
    __table_args__ = (
        same_store("customers", "kept_id", to=("customer_id",)),
        Index("ix_merges_kept", "store_id", "kept_id"),
    )

    store_id: Mapped[StoreId]
    gone_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kept_id: Mapped[UUID] = mapped_column(Uuid)
    because: Mapped[dict[str, Any]]
    merged_at: Mapped[Moment] = mapped_column(default=clock.now)


class ConsentEntry(Base):
    """The consent ledger, append-only. Latest by `occurred_at` wins; a tie goes to the opt-out.

    `address` is the one the choice was made with, where the source says it.
    `scope`: program, channel or all (one revocation may close all, see messaging.md 3.1).
    """

    __tablename__ = "consent_ledger"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index("uq_consent_ledger_key", "store_id", "entry_key", unique=True),
        Index("ix_consent_ledger_customer", "store_id", "customer_id", "channel", "occurred_at"),
        Index("ix_consent_ledger_address", "store_id", "address"),
        Index(
            "ix_consent_ledger_refused",
            "store_id",
            "customer_id",
            "occurred_at",
            postgresql_where=text("channel = 'email' AND state = 'unsubscribed'"),
        ),
    )

    store_id: Mapped[StoreId]
    consent_id: Mapped[Id]
    entry_key: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    channel: Mapped[str]
    scope: Mapped[str] = mapped_column(default="channel")
    state: Mapped[str]
    source: Mapped[str]
    level: Mapped[str | None]
    address: Mapped[str | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    occurred_at: Mapped[Moment]
    recorded_at: Mapped[Moment] = mapped_column(default=clock.now)


class Suppression(Base):
    """An address nothing may be sent to: bounced, complained, erased. Only its keyed hash is kept,

    so that it outlives the person's erasure.
    """

    __tablename__ = "suppressions"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    since: Mapped[Moment] = mapped_column(default=clock.now)


class ConsentWriteback(Base):
    """An opt-out on its way to the shop and to the other providers; done when `done_at` is set."""

    __tablename__ = "consent_writebacks"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index(
            "ix_consent_writebacks_due",
            "store_id",
            "due_at",
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    store_id: Mapped[StoreId]
    consent_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    channel: Mapped[str]
    state: Mapped[str]
    occurred_at: Mapped[Moment]
    due_at: Mapped[Moment] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
