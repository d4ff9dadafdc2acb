"""Messages, the traces they leave, the codes they carry and the money they are credited with."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Id, Minor, Moment, StoreId, new_id, same_store


class MessageStatus(StrEnum):
    """PLANNED -> SENDING -> ACCEPTED -> what receipts say; UNKNOWN waits for a look-up.

    HELD: not sent, `reason` says why. FAILED: the provider refused for good.
    """

    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    HELD = "held"


UNSENT = (MessageStatus.PLANNED, MessageStatus.SENDING, MessageStatus.UNKNOWN)
"""Of which the provider has not said that it has them: still on their way from us."""


class Message(Base):
    """One message to one person, once: unique by journey and step."""

    __tablename__ = "messages"
    __table_args__ = (
        same_store("customers", "customer_id"),
        same_store("journeys", "journey_id"),
        Index("uq_messages_step", "store_id", "journey_id", "step", unique=True),
        Index("ix_messages_customer", "store_id", "customer_id", "sent_at"),
        Index(
            "ix_messages_accepted",
            "store_id",
            "sent_at",
            postgresql_where=text("status = 'accepted'"),
        ),
        Index("ix_messages_provider", "store_id", "provider_id"),
        Index(
            "ix_messages_due",
            "store_id",
            "due_at",
            postgresql_where=text("status IN ('planned', 'sending', 'unknown')"),
        ),
    )

    store_id: Mapped[StoreId]
    message_id: Mapped[Id]
    journey_id: Mapped[UUID] = mapped_column(Uuid)
    flow_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int]
    step: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    channel: Mapped[str]
    name: Mapped[str]
    variant: Mapped[str | None]
    purpose: Mapped[str]
    commercial: Mapped[bool]
    basis: Mapped[str]
    status: Mapped[str] = mapped_column(default=MessageStatus.PLANNED)
    reason: Mapped[str | None]
    locale: Mapped[str]
    address: Mapped[str | None]
    subject: Mapped[str | None]
    preview: Mapped[str | None]
    html: Mapped[str | None]
    body: Mapped[str | None]
    segments: Mapped[int | None]
    price_minor: Mapped[Minor | None]
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    planned_at: Mapped[Moment] = mapped_column(default=clock.now)
    due_at: Mapped[Moment]
    deadline_at: Mapped[datetime | None]
    moved: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    error_code: Mapped[str | None]
    clicked_at: Mapped[datetime | None]


class ReceiptEntry(Base):
    """What a provider told, once each. `status` on the message only climbs."""

    __tablename__ = "receipts"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    provider: Mapped[str] = mapped_column(primary_key=True)
    receipt_key: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str]
    code: Mapped[str | None]
    occurred_at: Mapped[Moment]
    recorded_at: Mapped[Moment] = mapped_column(default=clock.now)


class PollCursor(Base):
    """What one look at a shop or a provider leaves for the next, see `stores.cursors`."""

    __tablename__ = "poll_cursors"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[Any] = mapped_column(JSONB, nullable=False)
    read_at: Mapped[Moment] = mapped_column(default=clock.now)


class LostSend(Base):
    """What a provider has sent for us and a restored backup knows nothing of: until `until` it
    stands for the next message like it, `message_id`, which is then not sent.

    `address` is a fingerprint; `flow`, a slug, and `step` are known where the provider kept them.
    """

    __tablename__ = "lost_sends"
    __table_args__ = (
        Index(
            "ix_lost_sends_open",
            "store_id",
            "address",
            postgresql_where=text("message_id IS NULL"),
        ),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    provider_key: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str]
    flow: Mapped[str | None]
    step: Mapped[str | None]
    provider_id: Mapped[str | None]
    sent_at: Mapped[Moment]
    until: Mapped[Moment]
    message_id: Mapped[UUID | None] = mapped_column(Uuid)


class Link(Base):
    """A short link in one message. The address carries store, number and a signature."""

    __tablename__ = "links"
    __table_args__ = (
        same_store("messages", "message_id"),
        Index("uq_links_target", "store_id", "message_id", "target", unique=True),
    )

    store_id: Mapped[StoreId]
    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(Uuid)
    target: Mapped[str]


class Touch(Base):
    """A person answered a message: a click, a code used. Opens are never touches."""

    __tablename__ = "touches"
    __table_args__ = (
        same_store("messages", "message_id"),
        Index("uq_touches_key", "store_id", "touch_key", unique=True),
        Index("ix_touches_customer", "store_id", "customer_id", "touched_at"),
    )

    store_id: Mapped[StoreId]
    touch_id: Mapped[Id]
    touch_key: Mapped[str]
    message_id: Mapped[UUID] = mapped_column(Uuid)
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str]
    touched_at: Mapped[Moment] = mapped_column(default=clock.now)


class Offer(Base):
    """One code for one person and journey: wanted, live, used, revoked, expired or refused."""

    __tablename__ = "offers"
    __table_args__ = (
        same_store("journeys", "journey_id"),
        Index("uq_offers_name", "store_id", "journey_id", "name", unique=True),
        Index("uq_offers_code", "store_id", "code", unique=True),
        Index("ix_offers_due", "store_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_offers_created", "store_id", "created_at"),
        Index(
            "ix_offers_open",
            "store_id",
            "expires_at",
            postgresql_where=text("status IN ('wanted', 'live')"),
        ),
        Index("ix_offers_customer", "store_id", "customer_id"),
    )

    store_id: Mapped[StoreId]
    offer_id: Mapped[Id]
    journey_id: Mapped[UUID] = mapped_column(Uuid)
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str]
    code: Mapped[str]
    percent: Mapped[int | None]
    amount_minor: Mapped[Minor | None]
    currency: Mapped[str]
    reserved_minor: Mapped[Minor] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="wanted")
    reason: Mapped[str | None]
    platform_key: Mapped[str | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    expires_at: Mapped[Moment]
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)


class Credit(Base):
    """Money an order owes to a message. A recount replaces all rows of an order."""

    __tablename__ = "credits"
    __table_args__ = (
        same_store("orders", "order_key"),
        Index("ix_credits_flow", "store_id", "flow_id", "credited_at"),
    )

    store_id: Mapped[StoreId]
    order_key: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    credit_id: Mapped[UUID] = mapped_column(Uuid, default=new_id)
    flow_id: Mapped[UUID] = mapped_column(Uuid)
    channel: Mapped[str]
    touch: Mapped[str]
    amount_minor: Mapped[Minor]
    reversed_minor: Mapped[Minor] = mapped_column(default=0)
    currency: Mapped[str]
    credited_at: Mapped[Moment]


class SenderBucket(Base):
    """Segments a sender may still send now (messaging.md 2.7); refilled by the clock."""

    __tablename__ = "sender_buckets"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    sender: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    refilled_at: Mapped[Moment]
