"""How many percent each version of a flow holds out."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.flows.load import definition_of
from app.models import FlowVersion
from app.tenancy import store_of


def holdouts(session: Session, flow_id: UUID) -> Mapping[int, int]:
    """By version: whoever entered one is on the side that its share gave them."""
    versions = session.execute(
        select(FlowVersion.version, FlowVersion.source).where(
            FlowVersion.store_id == store_of(session), FlowVersion.flow_id == flow_id
        )
    )
    return {version: definition_of(source).holdout for version, source in versions}
