"""The trials of a flow as it stands, with all its versions in mind. Reads only."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.experiments import Trial
from app.flows.load import definition_of
from app.flows.trying import trials_of
from app.models import FlowVersion
from app.tenancy import store_of


def read_trials(session: Session, flow_id: UUID) -> list[Trial]:
    sources = session.scalars(
        select(FlowVersion.source)
        .where(FlowVersion.store_id == store_of(session), FlowVersion.flow_id == flow_id)
        .order_by(FlowVersion.version)
    )
    return trials_of(flow_id, [definition_of(source) for source in sources])
