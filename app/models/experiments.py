"""What each flow was found to change, and what its trials are learning."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Uuid
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


class Wave(Base):
    """The shares of a trial from `made_at` until the next wave, never changed: by `seed` from the
    counts in `found` (`experiments.trial.TrialFound`) and the prior, beta(`hits`, `misses`), or the
    flow file's own."""

    __tablename__ = "waves"
    __table_args__ = (same_store("flows", "flow_id"),)

    store_id: Mapped[StoreId]
    flow_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[Moment]
    reward: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    hits: Mapped[float]
    misses: Mapped[float]
    shares: Mapped[Json]
    found: Mapped[Json]


class Draw(Base):
    """The way a person was drawn into at a step, which they keep. `day`: of the wave whose shares
    it was drawn by; none while they were equal, and where they are fixed."""

    __tablename__ = "draws"
    __table_args__ = (
        same_store("flows", "flow_id"),
        same_store("customers", "customer_id"),
        Index("ix_draws_customer", "store_id", "customer_id"),
    )

    store_id: Mapped[StoreId]
    flow_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    way: Mapped[str]
    day: Mapped[date | None]
    drawn_at: Mapped[Moment]
