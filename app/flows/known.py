"""The flows of a store and their definitions, read in one statement each. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.flows.definition import Definition
from app.flows.load import definition_of
from app.models import Flow, FlowStatus, FlowVersion, Store
from app.models.rows import STORE

_OPEN = (
    select(Flow)
    .where(Flow.store_id == STORE, Flow.status.in_([FlowStatus.ACTIVE, FlowStatus.PAUSED]))
    .order_by(Flow.slug)
)
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
    found = session.scalars(_OPEN, {"store": store.store_id}).all()
    known = versions(session, store.store_id, {(flow.flow_id, flow.version) for flow in found})
    return [
        KnownFlow(
            flow_id=flow.flow_id,
            version=flow.version,
            status=flow.status,
            activated_at=flow.activated_at,
            definition=known[flow.flow_id, flow.version],
        )
        for flow in found
    ]


def versions(session: Session, store_id: UUID, wanted: Collection[tuple[UUID, int]]) -> Versions:
    """The definitions of these versions. A version never changes, so a process keeps what it has
    read."""
    missing = {pair for pair in wanted if (store_id, *pair) not in _kept}
    if len(_kept) + len(missing) > _MOST_KEPT:
        _kept.clear()
        missing = set(wanted)
    if missing:
        rows = session.execute(
            select(FlowVersion.flow_id, FlowVersion.version, FlowVersion.source).where(
                FlowVersion.store_id == store_id,
                tuple_(FlowVersion.flow_id, FlowVersion.version).in_(missing),
            )
        )
        for flow_id, version, source in rows:
            _kept[store_id, flow_id, version] = definition_of(source)
    return {pair: _kept[(store_id, *pair)] for pair in wanted}


_MOST_KEPT = 2_000
_kept: dict[tuple[UUID, UUID, int], Definition] = {}
