"""Everything on record about one person, in one order: what happened, what was decided, what left.

Reads each table once for a page, however much there is, and writes nothing.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from app.customers import happened, reached
from app.customers.asked import Asked
from app.customers.entries import Page, Place
from app.tenancy import store_of

MOST = 100
_SOURCES = (
    happened.facts,
    happened.carts,
    happened.consents,
    happened.merges,
    reached.decisions,
    reached.messages,
    reached.clicks,
    reached.credits,
)


def timeline(
    session: Session, customer_id: UUID, before: Place | None = None, limit: int = MOST
) -> Page:
    """The newest entries of a person, or those before a place; nothing about a stranger."""
    # One more than is shown says whether there is an older page.
    asked = Asked(session, store_of(session), customer_id, before, limit + 1)
    found = [entry for source in _SOURCES for entry in source(asked)]
    found.sort(key=lambda entry: entry.place, reverse=True)
    shown = found[:limit]
    return Page(shown, shown[-1].place if len(found) > limit else None)
