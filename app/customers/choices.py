"""A choice somebody made with us: by a link, a reply or a form. It goes the way of every fact."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.customers.apply import learn
from app.customers.changes import ChangeKind, Incoming
from app.customers.facts import tell
from app.events import ConsentChanged, ConsentChannel, ConsentState, Person
from app.models import Customer
from app.tenancy import store_of


def record_choice(  # noqa: PLR0913 - a choice is who, where, what, and its proof.
    session: Session,
    customer_id: UUID,
    channel: str,
    state: str,
    *,
    source: str,
    at: datetime,
    evidence: Mapping[str, str],
    level: str | None = None,
) -> bool:
    """Enter a choice of a known customer into the ledger. False when it changes nothing: it was
    known, is older than what holds, says the same, or there is no such person any more."""
    customer = session.get(Customer, (store_of(session), customer_id))
    if customer is None or customer.erased_at is not None:
        return False
    fact = ConsentChanged(
        person=Person(
            platform_key=customer.platform_key, email=customer.email, phone=customer.phone
        ),
        channel=ConsentChannel(channel),
        state=ConsentState(state),
        source=source,
        level=level,
        evidence=dict(evidence),
        updated_at=at,
    )
    told = tell(Incoming(fact=fact, source=source, live=True))
    told.hint = customer_id
    changes = learn(session, [told], clock.now())
    return any(
        change.kind is ChangeKind.CONSENT_CHANGED and change.customer_id == customer_id
        for change in changes
    )
