"""Where a person stands, as their page shows it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.customers.stages import LIFECYCLE, Stage
from app.models import Standing
from app.science.rfm import LISTED
from app.tenancy import store_of


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
    )
