"""The flows of a store and their definitions, read in one statement each. Reads only."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.flows.definition import Definition
from app.flows.load import definition_of
from app.models import Flow, FlowStatus, FlowVersion, Store

Versions = dict[tuple[UUID, int], Definition]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFlow:
    """A flow with the version people enter now."""

    flow_id: UUID
    version: int
    status: str
    activated_at: datetime | None
    definition: Definition


def open_flows(session: Session, store: Store) -> list[KnownFlow]:
    """The flows that could let people in: active ones, and paused ones, which refuse on record."""
    rows = session.execute(
        select(Flow, FlowVersion.source)
        .join(
            FlowVersion,
            (FlowVersion.store_id == Flow.store_id)
            & (FlowVersion.flow_id == Flow.flow_id)
            & (FlowVersion.version == Flow.version),
        )
        .where(
            Flow.store_id == store.store_id,
            Flow.status.in_([FlowStatus.ACTIVE, FlowStatus.PAUSED]),
        )
        .order_by(Flow.slug)
    )
    return [
        KnownFlow(
            flow_id=flow.flow_id,
            version=flow.version,
            status=flow.status,
            activated_at=flow.activated_at,
            definition=definition_of(source),
        )
        for flow, source in rows
    ]


def versions(session: Session, store_id: UUID, wanted: Iterable[tuple[UUID, int]]) -> Versions:
    """The definitions of these versions."""
    pairs: Collection[tuple[UUID, int]] = set(wanted)
    if not pairs:
        return {}
    rows = session.execute(
        select(FlowVersion.flow_id, FlowVersion.version, FlowVersion.source).where(
            FlowVersion.store_id == store_id,
            tuple_(FlowVersion.flow_id, FlowVersion.version).in_(pairs),
        )
    )
    return {(flow_id, version): definition_of(source) for flow_id, version, source in rows}
