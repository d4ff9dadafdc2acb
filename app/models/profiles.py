"""Whom the e-mail provider knows through us, and what it has yet to be told of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, StoreId, same_store


class ProfileUpsert(Base):
    """Somebody we have mailed: they have a profile in the merchant's account.

    `changes` counts what has become different of them since; due while that is not told.
    """

    __tablename__ = "profile_upserts"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index(
            "ix_profile_upserts_due",
            "store_id",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    store_id: Mapped[StoreId]
    customer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    changes: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
