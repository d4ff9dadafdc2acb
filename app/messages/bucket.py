"""How fast one sender may send: segments a second, refilled by the clock, shared by all workers.

Must never let a queue build up at the provider, where it could carry a text into quiet hours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models import SenderBucket

BURST_SECONDS = 10.0
# https://www.twilio.com/docs/whatsapp/api#rate-limiting
WHATSAPP_PER_SECOND = 80.0


@dataclass(frozen=True, slots=True)
class Load:
    """What one text asks of its sender. `rate` is segments a second."""

    sender: str
    segments: int
    rate: float

    @property
    def room(self) -> float:
        """A bucket holds a short burst, and always at least this one text."""
        return max(self.rate * BURST_SECONDS, float(self.segments))


def take(session: Session, store_id: UUID, load: Load, now: datetime) -> timedelta:
    """Zero: taken. Otherwise how long until there is room, and nothing was taken."""
    bucket = _locked(session, store_id, load, now)
    elapsed = max((now - bucket.refilled_at).total_seconds(), 0.0)
    bucket.tokens = min(bucket.tokens + elapsed * load.rate, load.room)
    bucket.refilled_at = max(now, bucket.refilled_at)
    missing = load.segments - bucket.tokens
    if missing > 0:
        return timedelta(seconds=missing / load.rate)
    bucket.tokens -= load.segments
    return timedelta(0)


def _locked(session: Session, store_id: UUID, load: Load, now: datetime) -> SenderBucket:
    full = {"tokens": load.room, "refilled_at": now}
    session.execute(
        insert(SenderBucket)
        .values(store_id=store_id, sender=load.sender, **full)
        .on_conflict_do_nothing(index_elements=["store_id", "sender"])
    )
    return session.scalars(
        select(SenderBucket)
        .where(SenderBucket.store_id == store_id, SenderBucket.sender == load.sender)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
