"""The lead score of one person with the parts it is made of, for whoever asks why."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.customers import lately
from app.customers.lately import FULL, HALF
from app.customers.leads import ORDER, SILENT_FOR, Known, Lead, lead_of, scheme_of
from app.models import Customer
from app.models.rows import listed, one_of
from app.stores.settings import LeadRules

_OF_SOME = select(lately.times(lately.lately(lambda customer: [one_of(customer, "people")])))


def lead_now(
    session: Session, customer: Customer, rules: LeadRules, now: datetime, *, refused: bool
) -> Lead:
    """By one statement. `refused`: whether they want no e-mail, which the reader knows already."""
    scheme = scheme_of(rules)
    asked = {
        "store": customer.store_id,
        "people": listed([customer.customer_id]),
        **lately.asked(list(scheme.acts), now),
    }
    rows = session.execute(_OF_SOME, asked)
    acts = {row.name: (row.recent, row.before) for row in rows}
    known = Known(
        acts=acts | _ordered(customer, now),
        tags=customer.tags,
        unsubscribed=refused,
        silent=(customer.last_active_at or customer.first_seen_at) <= now - SILENT_FOR,
    )
    return lead_of(scheme, known)


def _ordered(customer: Customer, now: datetime) -> dict[str, tuple[int, int]]:
    at = customer.last_order_at
    if at is None or at <= now - HALF:
        return {}
    return {ORDER: (1, 0) if at > now - FULL else (0, 1)}
