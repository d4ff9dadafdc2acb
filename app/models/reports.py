"""What a store's reports said last."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Json, StoreId


class PeopleReport(Base):
    """Kept by `reports.keep`: `found` is what was measured last of a store's people, at `made_at`.
    Without `due_at` nothing is to be measured before the next count of the segments."""

    __tablename__ = "people_reports"
    __table_args__ = (Index("ix_people_reports_due", "due_at"),)

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    due_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    found: Mapped[Json | None]
