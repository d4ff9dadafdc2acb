"""How a store's people buy and answer, found anew each day from what they did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, REAL, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment, StoreId, same_store


class StoreHabits(Base):
    """`hours`: how many orders and clicks each hour of a day has had, by the clocks of those who
    placed and made them. Without `due_at` nothing is to be found anew before the next walk."""

    __tablename__ = "store_habits"
    __table_args__ = (Index("ix_store_habits_due", "due_at"),)

    store_id: Mapped[UUID] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    hours: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)
    measured_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class ProductMeasure(Base):
    """What a product is bought with, and how often. `sold`: recent orders that held it; `others`
    with their `nearness`, the nearest first (`science.neighbours`); `gap_days`: the median until it
    is bought again by those who do, which is the share `again` of its buyers."""

    __tablename__ = "product_measures"
    __table_args__ = (
        same_store("products", "product_key"),
        Index("ix_product_measures_category", "store_id", "category", "sold"),
        Index("ix_product_measures_sold", "store_id", "sold"),
    )

    store_id: Mapped[StoreId]
    product_key: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str]
    sold: Mapped[int]
    others: Mapped[list[str]] = mapped_column(ARRAY(Text))
    nearness: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    gap_days: Mapped[float | None]
    again: Mapped[float]
    measured_at: Mapped[Moment]
