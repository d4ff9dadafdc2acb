"""What is predicted of each customer, and how good that is at their store."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Json, Minor, Moment, StoreId, same_store


class Prediction(Base):
    """Kept by `customers.predictions` for those who have bought: the probability of an order within
    90 days in percent, orders expected within them, what is expected to be spent within a year, the
    letter of their cluster. What cannot be told is empty. `predicted_at`: since when it says so.
    """

    __tablename__ = "predictions"
    __table_args__ = (same_store("customers", "customer_id"),)

    store_id: Mapped[StoreId]
    customer_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    will_buy: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    expected_orders: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    expected_value_minor: Mapped[Minor | None]
    cluster: Mapped[str | None]
    predicted_at: Mapped[Moment]


class Forecast(Base):
    """A store's own: what was learnt last (`study`, see `customers.forecasting`) and in short how
    the last contests ended (`runs`, the newest first).

    `due_at`: since when everybody is to be told anew, none when that is done; `told_to`: until
    whom, while that goes on. `learn_at`: when to learn anew. Both: until when a worker learns."""

    __tablename__ = "forecasts"
    __table_args__ = (Index("ix_forecasts_due", "due_at"),)

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    due_at: Mapped[datetime | None]
    learn_at: Mapped[Moment]
    learnt_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    told_to: Mapped[UUID | None] = mapped_column(Uuid)
    study: Mapped[Json | None]
    runs: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
