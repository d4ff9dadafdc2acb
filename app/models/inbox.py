"""Webhooks as they came, and the log of facts they were turned into."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Id, Moment, StoreId


class WebhookStatus(StrEnum):
    WAITING = "waiting"
    APPLIED = "applied"
    IGNORED = "ignored"
    FAILED = "failed"


class Webhook(Base):
    """A verified webhook, kept before anything else happens. `body` is the raw bytes."""

    __tablename__ = "webhooks"
    __table_args__ = (
        Index("uq_webhooks_key", "store_id", "webhook_key", unique=True),
        Index(
            "ix_webhooks_waiting",
            "store_id",
            "received_at",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "ix_webhooks_failed",
            "store_id",
            "received_at",
            postgresql_where=text("status = 'failed'"),
        ),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    webhook_id: Mapped[Id]
    webhook_key: Mapped[str]
    topic: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(default=WebhookStatus.WAITING)
    error: Mapped[str | None]
    triggered_at: Mapped[datetime | None]
    received_at: Mapped[Moment] = mapped_column(default=clock.now)
    processed_at: Mapped[datetime | None]


class LoggedFact(Base):
    """The append-only event log. `fact` is `events.FACTS` as JSON; `fact_key` marks a repeat.

    `customer_id` follows a merge and lets an erasure find every line about a person.
    """

    __tablename__ = "event_log"
    __table_args__ = (
        Index("uq_event_log_fact_key", "store_id", "fact_key", unique=True),
        Index("ix_event_log_customer", "store_id", "customer_id", "occurred_at"),
        Index(
            "ix_event_log_acts",
            "store_id",
            "customer_id",
            "occurred_at",
            postgresql_where=text("kind = 'customer_acted'"),
        ),
        Index(
            "ix_event_log_scores",
            "store_id",
            "customer_id",
            "occurred_at",
            postgresql_where=text("kind = 'customer_acted' AND (fact ->> 'name') = 'score_given'"),
        ),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[Id]
    fact_key: Mapped[str]
    kind: Mapped[str]
    source: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(Uuid)
    occurred_at: Mapped[Moment]
    recorded_at: Mapped[Moment] = mapped_column(default=clock.now)
    fact: Mapped[dict[str, Any]]
