"""What each flow was found to change."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Json, Moment, StoreId, same_store


class Lift(Base):
    """Kept by `experiments.keep` for each flow that was ever switched on: `found` is what was
    measured last (`experiments.lift.Found`), at `measured_at`; it is measured anew at `due_at`."""

    __tablename__ = "lifts"
    __table_args__ = (same_store("flows", "flow_id"), Index("ix_lifts_due", "due_at"))

    store_id: Mapped[StoreId]
    flow_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    due_at: Mapped[Moment]
    measured_at: Mapped[datetime | None]
    found: Mapped[Json | None]
