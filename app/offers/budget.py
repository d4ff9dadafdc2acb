"""What codes may cost in a calendar month of the store's own zone, and what they have cost.

An offer that was refused, revoked or has expired unused costs nothing and gives its share back.
"""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.models import Offer
from app.stores.settings import OfferBudget

COUNTED = ("wanted", "live", "used")
FREE_SHIPPING_MINOR = 0
"""What shipping costs a shop is not known here, so a free shipping reserves nothing."""


def estimate(percent: int | None, amount_minor: int | None, budget: OfferBudget) -> int:
    """What one code is expected to cost; a share of an assumed order, or its amount."""
    if percent is not None:
        return budget.assumed_order_minor * percent // 100
    return FREE_SHIPPING_MINOR if amount_minor is None else amount_minor


def lock(session: Session, store_id: UUID) -> None:
    """One want at a time counts against a budget; the lock goes with the transaction."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"offer-budget:{store_id}"},
    )


def spent_minor(session: Session, store_id: UUID, timezone: str, now: datetime) -> int:
    """What this month's codes have reserved."""
    return (
        session.scalar(
            select(func.coalesce(func.sum(Offer.reserved_minor), 0)).where(
                Offer.store_id == store_id,
                Offer.created_at >= month_start(now, timezone),
                Offer.status.in_(COUNTED),
            )
        )
        or 0
    )


def month_start(now: datetime, timezone: str) -> datetime:
    local = now.astimezone(ZoneInfo(timezone))
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    return first.astimezone(UTC)
