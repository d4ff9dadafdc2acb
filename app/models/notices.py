"""What a merchant should read, and what a provider must still forget."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Id, Moment, StoreId


class Notice(Base):
    """Something the merchant should know: a broken connection, a data request, a flow's notice.

    `notice_key` makes a repeat the same notice. `details` are shown with it. `letter_id` is the
    e-mail that brought it to the store's people.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("uq_notices_key", "store_id", "notice_key", unique=True),
        Index("ix_notices_recent", "store_id", "created_at"),
        Index(
            "ix_notices_untold",
            "store_id",
            "created_at",
            postgresql_where=text("letter_id IS NULL AND seen_at IS NULL"),
        ),
        Index("ix_notices_letter", "store_id", "letter_id"),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    notice_id: Mapped[Id]
    notice_key: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    customer_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime | None]
    letter_id: Mapped[UUID | None] = mapped_column(Uuid)


class Letter(Base):
    """One e-mail to the people of a store about its notices. Done: sent, given up, or not needed;
    `error` says why it did not arrive, without the address."""

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_recent", "store_id", "written_at"),
        Index("ix_letters_due", "store_id", "due_at", postgresql_where=text("done_at IS NULL")),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    letter_id: Mapped[Id]
    written_at: Mapped[Moment] = mapped_column(default=clock.now)
    due_at: Mapped[Moment] = mapped_column(default=clock.now)
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Erasure(Base):
    """Addresses the providers must still forget, sealed until they have."""

    __tablename__ = "erasures"
    __table_args__ = (
        Index("ix_erasures_due", "store_id", "due_at", postgresql_where=text("done_at IS NULL")),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    erasure_id: Mapped[Id]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    requested_at: Mapped[Moment] = mapped_column(default=clock.now)
    due_at: Mapped[Moment] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
