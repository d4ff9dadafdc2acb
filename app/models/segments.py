"""Segments as things a merchant keeps, how large each was on each day, and who is in those that the
shop itself has."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, Numeric, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Id, Moment, StoreId, same_store


class SegmentKind(StrEnum):
    PRESET = "preset"
    OWN = "own"
    SHOP = "shop"
    """Its members are read from the shop itself."""


class Segment(Base):
    """People by a condition under a name. `slug` is its name in files, commands and conditions;
    `written` the condition as it was written, in YAML. `due_at`: when it is counted next."""

    __tablename__ = "segments"
    __table_args__ = (
        Index("uq_segments_slug", "store_id", "slug", unique=True),
        Index("ix_segments_due", "due_at"),
    )

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    segment_id: Mapped[Id]
    slug: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default=SegmentKind.OWN)
    written: Mapped[str]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    changed_at: Mapped[Moment] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class SegmentDay(Base):
    """A segment on a day of the store's calendar: how many people, the mean of what they have
    spent, and how many of them are at risk of leaving by what was known that day. `churn_risk`: the
    mean in percent of what was predicted of so many of them (`predicted`)."""

    __tablename__ = "segment_days"
    __table_args__ = (same_store("segments", "segment_id"),)

    store_id: Mapped[StoreId]
    segment_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    people: Mapped[int] = mapped_column(Integer)
    mean_spent_minor: Mapped[int | None] = mapped_column(BigInteger)
    at_risk: Mapped[int] = mapped_column(Integer)
    predicted: Mapped[int | None] = mapped_column(Integer)
    churn_risk: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))


class ShopSegment(Base):
    """A segment of the shop's own that we read. `cursor` and `began_at`: how far the reading under
    way has come; `due_at`: when the next page is asked for; `gone_at`: since when the shop has it
    no more."""

    __tablename__ = "shop_segments"
    __table_args__ = (Index("ix_shop_segments_due", "due_at"),)

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    segment_key: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str | None]
    began_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    due_at: Mapped[Moment]


class ShopMember(Base):
    """Somebody was in a segment of the shop's own when it was last read."""

    __tablename__ = "shop_members"
    __table_args__ = (
        same_store("shop_segments", "segment_key"),
        same_store("customers", "customer_id"),
        Index("ix_shop_members_customer", "store_id", "customer_id"),
    )

    store_id: Mapped[StoreId]
    segment_key: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seen_at: Mapped[Moment]
