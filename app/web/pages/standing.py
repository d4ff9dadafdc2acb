"""Where a person stands, as their page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.customers.lead_parts import lead_now
from app.customers.leads import Lead
from app.customers.snapshot import ConsentNow
from app.customers.stages import LIFECYCLE, Stage
from app.models import Customer, Standing, StandingChange, Store
from app.science.rfm import LISTED
from app.stores.settings import read_settings
from app.tenancy import store_of

MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """`code` has the three grades as digits; `listed`: the brief itself names it."""

    stage: str
    stage_at: datetime
    lifecycle: str
    inactivity: str | None
    inactivity_at: datetime
    rfm_group: str | None
    group_at: datetime
    code: int | None
    lead_tier: str | None
    lead_at: datetime | None

    @property
    def listed(self) -> bool:
        return self.code in LISTED


def standing_of(session: Session, customer_id: UUID) -> Shown | None:
    """None while nobody has looked."""
    row = session.get(Standing, (store_of(session), customer_id))
    if row is None:
        return None
    grades = (row.recency, row.frequency, row.money)
    return Shown(
        stage=row.stage,
        stage_at=row.stage_at,
        lifecycle=LIFECYCLE[Stage(row.stage)],
        inactivity=row.inactivity,
        inactivity_at=row.inactivity_at,
        rfm_group=row.rfm_group,
        group_at=row.group_at,
        code=None if row.rfm_group is None else int("".join(map(str, grades))),
        lead_tier=row.lead_tier,
        lead_at=row.lead_at,
    )


def changes_of(session: Session, customer_id: UUID) -> Sequence[StandingChange]:
    """How they came to stand there, the newest first."""
    found = select(StandingChange).where(
        StandingChange.store_id == store_of(session), StandingChange.customer_id == customer_id
    )
    newest = found.order_by(StandingChange.changed_at.desc(), StandingChange.kind)
    return session.scalars(newest.limit(MOST_CHANGES)).all()


def lead_shown(
    session: Session, store: Store, customer: Customer, consent: Mapping[str, ConsentNow]
) -> Lead | None:
    """The score of this moment and its parts; None for somebody who was erased."""
    if customer.erased_at is not None:
        return None
    choice = consent.get("email")
    refused = choice is not None and choice.state == "unsubscribed"
    rules = read_settings(store.settings).lead
    return lead_now(session, customer, rules, clock.now(), refused=refused)
