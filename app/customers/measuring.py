"""What a store's people are measured by, found anew each day from what is kept of each of them."""

from datetime import datetime

from sqlalchemy import ARRAY, Float, bindparam, func, select
from sqlalchemy.orm import Session

from app.customers import spending
from app.customers.grades import Measure
from app.customers.leads import scheme_of
from app.customers.parts import FIRST
from app.customers.stages import silent_days
from app.customers.without_loops import of_everybody
from app.models import Customer, Store, StoreMeasure
from app.models.rows import STORE
from app.science.rfm import GRADES, Bounds
from app.stores.settings import StoreSettings, read_settings

_BUYERS = (Customer.store_id == STORE, Customer.erased_at.is_(None), Customer.orders_count > 0)
_SPENT = spending.spent_lately(lambda customer: [])
_PLACES = func.percentile_disc(bindparam("places", type_=ARRAY(Float)))
_FIFTHS = select(_PLACES.within_group(Customer.spent_minor)).where(*_BUYERS)
_FIFTHS_LATELY = (
    select(_PLACES.within_group(func.coalesce(_SPENT.c.spent, 0)))
    .select_from(Customer)
    .outerjoin(_SPENT, _SPENT.c.customer_id == Customer.customer_id)
    .where(*_BUYERS)
)
"""Within the look-back of a store that has one."""
_GAP = (
    func.date_part("epoch", Customer.last_order_at - Customer.first_order_at, type_=Float)
    / 86_400
    / func.nullif(Customer.orders_count - 1, 0)
)
_COUNT_AND_RHYTHM = select(func.count(), func.percentile_cont(0.5).within_group(_GAP)).where(
    *_BUYERS
)
"""How many have bought, and the median over them of each one's mean of days between purchases."""


def measure(session: Session, store: Store, now: datetime) -> StoreMeasure:
    """Measure anew; everybody is to be walked through next."""
    asked = {"store": store.store_id}
    buyers, rhythm = session.execute(_COUNT_AND_RHYTHM, asked).one()
    found = StoreMeasure(
        store_id=store.store_id,
        fifths=_fifths(session, store, buyers, now) if buyers else [],
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
    return Measure(bounds, tuple(kept.fifths), days, counted, settings.low_score, chosen.money_days)


def _fifths(session: Session, store: Store, buyers: int, now: datetime) -> list[int]:
    """Where each grade of money above the first begins: the same amounts as `rfm.fifths`."""
    # The middle between two ranks, so that no rounding of a share names the rank beside it.
    places = [(grade * buyers // GRADES + 0.5) / buyers for grade in range(1, GRADES)]
    days = read_settings(store.settings).standing.money_days
    asked = {"store": store.store_id, "places": places, **spending.asked(days, now)}
    with of_everybody(session):
        found = session.execute(_FIFTHS_LATELY if days else _FIFTHS, asked).scalar_one()
    return [int(amount) for amount in found]
