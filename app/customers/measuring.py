"""What a store's people are measured by, found anew each day from what is kept of each of them."""

from datetime import datetime

from sqlalchemy import ARRAY, Float, bindparam, extract, func, select
from sqlalchemy.orm import Session

from app.customers.leads import scheme_of
from app.customers.stages import silent_days
from app.customers.standing import FIRST, Measure
from app.models import Customer, Store, StoreMeasure
from app.models.rows import STORE
from app.science.rfm import GRADES, Bounds
from app.stores.settings import StoreSettings

_BUYERS = (Customer.store_id == STORE, Customer.erased_at.is_(None), Customer.orders_count > 0)
_COUNT = select(func.count()).where(*_BUYERS)
_FIFTHS = select(
    func.percentile_disc(bindparam("places", type_=ARRAY(Float))).within_group(Customer.spent_minor)
).where(*_BUYERS)
_GAP = (
    extract("epoch", Customer.last_order_at - Customer.first_order_at)
    / 86_400
    / (Customer.orders_count - 1)
)
_RHYTHM = select(func.percentile_cont(0.5).within_group(_GAP)).where(
    *_BUYERS, Customer.orders_count > 1
)
"""The median over customers of their own mean of days between two purchases."""


def measure(session: Session, store: Store, now: datetime) -> StoreMeasure:
    """Measure anew; everybody is to be walked through next."""
    asked = {"store": store.store_id}
    buyers = session.execute(_COUNT, asked).scalar_one()
    rhythm = session.execute(_RHYTHM, asked).scalar_one()
    found = StoreMeasure(
        store_id=store.store_id,
        fifths=_fifths(session, store, buyers) if buyers else [],
        rhythm_days=None if rhythm is None else float(rhythm),
        measured_at=now,
        due_at=now,
        walked_to=FIRST,
    )
    return session.merge(found)


def bounds_of(kept: StoreMeasure, settings: StoreSettings) -> Measure:
    """What was measured, within the bounds that the merchant has chosen."""
    chosen = settings.standing
    days: tuple[int, ...] = chosen.silent_days
    if chosen.silent_by_rhythm and kept.rhythm_days is not None:
        days = silent_days(kept.rhythm_days)
    bounds = Bounds(chosen.recency_days, chosen.orders)
    counted = scheme_of(settings.lead)
    return Measure(bounds, tuple(kept.fifths), days, counted, settings.low_score)


def _fifths(session: Session, store: Store, buyers: int) -> list[int]:
    """Where each grade of money above the first begins: the same amounts as `rfm.fifths`."""
    # The middle between two ranks, so that no rounding of a share names the rank beside it.
    places = [(grade * buyers // GRADES + 0.5) / buyers for grade in range(1, GRADES)]
    found = session.execute(_FIFTHS, {"store": store.store_id, "places": places}).scalar_one()
    return [int(amount) for amount in found]
