"""What is remembered to tell whether a store is well: its rhythm, its troubles, who was told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Id, Moment, StoreId, same_store


class Heartbeat(Base):
    """When a topic was last heard, and in which hours of the last weeks: `stores.heartbeat`.

    One row per store and topic, brought up to date once a batch.
    """

    __tablename__ = "heartbeats"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(primary_key=True)
    first_at: Mapped[Moment]
    last_at: Mapped[Moment]
    week: Mapped[int]
    hours: Mapped[bytes] = mapped_column(LargeBinary)


class Trouble(Base):
    """Something red at a store, from when it was found until it was gone. `finding` is its code
    with the values that its sentence needs; `subject` tells two of one code apart.

    `gone_at`: not red since then, and not believed to be over yet.
    """

    __tablename__ = "troubles"
    __table_args__ = (
        Index(
            "uq_troubles_open",
            "store_id",
            "code",
            "subject",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_troubles_recent", "store_id", "began_at"),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    trouble_id: Mapped[Id]
    code: Mapped[str]
    subject: Mapped[str]
    finding: Mapped[dict[str, Any]]
    began_at: Mapped[Moment] = mapped_column(default=clock.now)
    gone_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class OperatorCall(Base):
    """One word to the operator by one way (`email`, `webhook`): a trouble `began` or `ended`.

    Done: taken, given up, or not needed; `error` says why it did not arrive.
    """

    __tablename__ = "operator_calls"
    __table_args__ = (
        same_store("troubles", "trouble_id"),
        Index("uq_operator_calls_once", "store_id", "trouble_id", "event", "way", unique=True),
        Index(
            "ix_operator_calls_due", "store_id", "due_at", postgresql_where=text("done_at IS NULL")
        ),
    )

    store_id: Mapped[StoreId]
    call_id: Mapped[Id]
    trouble_id: Mapped[UUID] = mapped_column(Uuid)
    event: Mapped[str]
    way: Mapped[str]
    asked_at: Mapped[Moment] = mapped_column(default=clock.now)
    due_at: Mapped[Moment] = mapped_column(default=clock.now)
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
