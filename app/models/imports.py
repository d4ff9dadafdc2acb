"""Rows of imported files that wait until all rows of their order have been read."""

from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.models.base import Base, Moment, StoreId


class ImportRow(Base):
    """What one row of a file says. `digest` makes a repeat of it in the same file one row.

    `order_ref` is what all rows of an order share; `said` is JSON as text, because it is read once
    and never searched. Nothing stays here once its import has ended.
    """

    __tablename__ = "import_rows"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    import_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_ref: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    line: Mapped[int]
    said: Mapped[str]
    staged_at: Mapped[Moment] = mapped_column(default=clock.now)
