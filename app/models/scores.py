"""Where each customer stands, how they came there, and what a whole store is measured by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Moment, StoreId, same_store


class Standing(Base):
    """Kept by `customers.standing`: grades from 1 to 5 of those who have bought, the name of their
    code (`science.rfm`), how silent a person is, which stage of their life with the shop they are
    in, how near to a purchase (`customers.leads`) and which signs of leaving there are
    (`customers.signals`), each with the moment since when. `moves_at`: time alone changes nothing
    of it before. Without a row nobody has looked yet.
    """

    __tablename__ = "standings"
    __table_args__ = (same_store("customers", "customer_id"),)

    store_id: Mapped[StoreId]
    customer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    recency: Mapped[int | None] = mapped_column(SmallInteger)
    frequency: Mapped[int | None] = mapped_column(SmallInteger)
    money: Mapped[int | None] = mapped_column(SmallInteger)
    rfm_group: Mapped[str | None]
    inactivity: Mapped[str | None]
    stage: Mapped[str]
    group_at: Mapped[Moment]
    inactivity_at: Mapped[Moment]
    stage_at: Mapped[Moment]
    lead_score: Mapped[int | None] = mapped_column(SmallInteger)
    lead_tier: Mapped[str | None]
    lead_at: Mapped[datetime | None]
    signals: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    signals_since: Mapped[dict[str, Any] | None]
    risk_level: Mapped[str | None]
    risk_at: Mapped[datetime | None]
    moves_at: Mapped[datetime | None]


class StandingChange(Base):
    """A person came to stand elsewhere. `kind`: rfm_group, inactivity, stage, lead_tier or
    risk_level. Where they stood first is no change."""

    __tablename__ = "standing_changes"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index("ix_standing_changes_kind", "store_id", "kind", "changed_at"),
    )

    store_id: Mapped[StoreId]
    customer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    changed_at: Mapped[Moment] = mapped_column(primary_key=True)
    was: Mapped[str | None]
    became: Mapped[str | None]


class StoreMeasure(Base):
    """What standings are measured by: where each fifth of money begins, in minor units, and the
    median of days between two purchases. Measured anew each day, after which everybody is walked
    through; `walked_to`: until where, while that goes on. `rules`: by which all were looked at, or
    are being (`customers.everybody`)."""

    __tablename__ = "store_measures"
    __table_args__ = (Index("ix_store_measures_due", "due_at"),)

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    fifths: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    rhythm_days: Mapped[float | None]
    measured_at: Mapped[Moment] = mapped_column(default=clock.now)
    due_at: Mapped[Moment]
    walked_to: Mapped[UUID | None] = mapped_column(Uuid)
    rules: Mapped[str | None]
