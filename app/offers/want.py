"""Asking for a code: a row in the asker's transaction, made at the shop later by `mint`.

Must never call the shop, and never make a second offer of one name for one journey.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.jobs import nudge_after_commit
from app.models import Journey, Offer, Store
from app.offers import budget
from app.offers.codes import new_code
from app.points import Point, pass_point
from app.reasons import Reason
from app.stores.settings import read_settings

DUTY = "offers"
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSpec:
    """`percent` or `amount_minor` (of the store's currency), or free shipping; exactly one."""

    name: str
    percent: int | None = None
    amount_minor: int | None = None
    free_shipping: bool = False
    expires_at: datetime


def want(session: Session, journey: Journey, spec: OfferSpec, now: datetime) -> Offer:
    """The journey's offer of this name: wanted, or refused when the month's budget is spent."""
    found = _found(session, journey, spec.name)
    if found is not None:
        return found
    store = session.scalars(select(Store).where(Store.store_id == journey.store_id)).one()
    values = _values(session, store, spec, now)
    for _ in range(_TRIES):
        session.execute(
            insert(Offer)
            .values(
                store_id=journey.store_id,
                journey_id=journey.journey_id,
                customer_id=journey.customer_id,
                code=new_code(store.name),
                **values,
            )
            # Without a target: a second want and a code already taken both change nothing.
            .on_conflict_do_nothing()
        )
        if (offer := _found(session, journey, spec.name)) is not None:
            nudge_after_commit(session, DUTY, journey.store_id)
            pass_point(Point.OFFER_WANTED)
            return offer
    raise RuntimeError("Five fresh codes in a row were taken: the random source is broken.")


def _values(session: Session, store: Store, spec: OfferSpec, now: datetime) -> dict[str, object]:
    rules = read_settings(store.settings).offers
    reserved = budget.estimate(spec.percent, spec.amount_minor, rules)
    values = {
        "name": spec.name,
        "percent": spec.percent,
        "amount_minor": spec.amount_minor,
        "currency": store.currency,
        "created_at": now,
        "expires_at": spec.expires_at,
    }
    if rules.month_minor is not None:
        budget.lock(session, store.store_id)
        spent = budget.spent_minor(session, store.store_id, store.timezone, now)
        if spent + reserved > rules.month_minor:
            refusal = {"status": "refused", "reason": Reason.OFFER_BUDGET_SPENT}
            return {**values, **refusal, "reserved_minor": 0}
    return {**values, "status": "wanted", "reserved_minor": reserved, "due_at": now}


def _found(session: Session, journey: Journey, name: str) -> Offer | None:
    return session.scalars(
        select(Offer).where(
            Offer.store_id == journey.store_id,
            Offer.journey_id == journey.journey_id,
            Offer.name == name,
        )
    ).one_or_none()
