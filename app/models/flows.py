"""Flows, the people inside them, and every decision made about them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Id, Moment, StoreId, same_store


class FlowStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"


class Flow(Base):
    """A journey plan a store runs. `slug` is its name in files, commands and UTM."""

    __tablename__ = "flows"
    __table_args__ = (Index("uq_flows_slug", "store_id", "slug", unique=True),)

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    flow_id: Mapped[Id]
    slug: Mapped[str]
    status: Mapped[str] = mapped_column(default=FlowStatus.DRAFT)
    version: Mapped[int]
    activated_at: Mapped[datetime | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)


class FlowVersion(Base):
    """An immutable definition: a trigger in the database refuses every change."""

    __tablename__ = "flow_versions"
    __table_args__ = (same_store("flows", "flow_id"),)

    store_id: Mapped[StoreId]
    flow_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)


class FlowMember(Base):
    """Who meets the condition of a segment trigger now: only a newcomer to this list enters."""

    __tablename__ = "flow_members"
    __table_args__ = (same_store("flows", "flow_id"), same_store("customers", "customer_id"))

    store_id: Mapped[StoreId]
    flow_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    since: Mapped[Moment] = mapped_column(default=clock.now)


class JourneyStatus(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    EXITED = "exited"


class Journey(Base):
    """One person inside one flow version. `arm` is decided at entry by a stable hash.

    `step` is the id of the next step; `due_at` when to look at it; `context` holds what the entry
    and the steps left behind (cart_id, order_key, offer name, split choices, event values).
    """

    __tablename__ = "journeys"
    __table_args__ = (
        same_store("flow_versions", "flow_id", "version"),
        same_store("customers", "customer_id"),
        Index("uq_journeys_entry", "store_id", "flow_id", "customer_id", "entry_key", unique=True),
        Index("ix_journeys_customer", "store_id", "customer_id"),
        Index("ix_journeys_due", "store_id", "due_at", postgresql_where=text("status = 'active'")),
    )

    store_id: Mapped[StoreId]
    journey_id: Mapped[Id]
    flow_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int]
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    entry_key: Mapped[str]
    arm: Mapped[str]
    status: Mapped[str] = mapped_column(default=JourneyStatus.ACTIVE)
    step: Mapped[str | None]
    step_since: Mapped[Moment] = mapped_column(default=clock.now)
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    entered_at: Mapped[Moment] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    converted_at: Mapped[datetime | None]


class Decision(Base):
    """Why something was or was not done: `reason` is a code, `compared` the values behind it.

    `journey_id` is empty for a person who was refused at the door.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index("ix_decisions_customer", "store_id", "customer_id", "decided_at"),
        Index("ix_decisions_journey", "store_id", "journey_id"),
        Index("ix_decisions_recent", "store_id", "decided_at"),
    )

    store_id: Mapped[StoreId]
    decision_id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    flow_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int]
    journey_id: Mapped[UUID | None] = mapped_column(Uuid)
    message_id: Mapped[UUID | None] = mapped_column(Uuid)
    step: Mapped[str | None]
    outcome: Mapped[str]
    reason: Mapped[str]
    compared: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decided_at: Mapped[Moment] = mapped_column(default=clock.now)


class Task(Base):
    """Something a person of the shop should do, with the script that helps (C9)."""

    __tablename__ = "tasks"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index("uq_tasks_step", "store_id", "journey_id", "step", unique=True),
        Index("ix_tasks_open", "store_id", "due_at", postgresql_where=text("closed_at IS NULL")),
    )

    store_id: Mapped[StoreId]
    task_id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    journey_id: Mapped[UUID] = mapped_column(Uuid)
    step: Mapped[str]
    title: Mapped[str]
    script: Mapped[str]
    owner: Mapped[str]
    due_at: Mapped[Moment]
    holds_promotions: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    closed_at: Mapped[datetime | None]


class OutboundCall(Base):
    """A webhook, tag or notice a step asked for, on its way out. Unique by journey and step."""

    __tablename__ = "outbound_calls"
    __table_args__ = (
        Index("uq_outbound_calls_step", "store_id", "journey_id", "step", unique=True),
        Index("ix_outbound_calls_customer", "store_id", "customer_id"),
        Index(
            "ix_outbound_calls_due", "store_id", "due_at", postgresql_where=text("done_at IS NULL")
        ),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    call_id: Mapped[Id]
    journey_id: Mapped[UUID] = mapped_column(Uuid)
    customer_id: Mapped[UUID] = mapped_column(Uuid)
    step: Mapped[str]
    kind: Mapped[str]
    details: Mapped[dict[str, Any]]
    due_at: Mapped[Moment] = mapped_column(default=clock.now)
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
