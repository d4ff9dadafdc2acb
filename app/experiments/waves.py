"""The waves of trials as they are kept: read by who draws, and by pages."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.experiments.trial import TrialFound
from app.models import Wave
from app.models.rows import STORE, listed, one_of
from app.tenancy import store_of

TRIAL_FOUND: TypeAdapter[TrialFound] = TypeAdapter(TrialFound)
NEWEST = (
    select(Wave)
    .ext(distinct_on(Wave.flow_id, Wave.step))
    .where(Wave.store_id == STORE, one_of(Wave.flow_id, "flows"))
    .order_by(Wave.flow_id, Wave.step, Wave.day.desc())
)
"""The last wave of every trial of these flows."""


def newest(session: Session, flow_ids: Collection[UUID]) -> list[Wave]:
    asked = {"store": store_of(session), "flows": listed(flow_ids)}
    return list(session.scalars(NEWEST, asked))


def found_of(session: Session, flow_id: UUID) -> dict[str, tuple[TrialFound, datetime]]:
    """What was found last of each trial of a flow, and when, by its step."""
    waves = newest(session, [flow_id])
    return {wave.step: (TRIAL_FOUND.validate_python(wave.found), wave.made_at) for wave in waves}
