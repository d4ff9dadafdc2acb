"""Flows as a store keeps them: imported, exported, activated, paused, listed.

A definition never changes once it is kept: an edit is a new version, people inside stay on theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import experiments
from app.errors import InvalidInput
from app.flows import definition as d
from app.flows.due import enter_backlog, reach
from app.flows.known import KnownFlow
from app.flows.load import definition_of
from app.flows.members import remember_members
from app.flows.named import check_segments
from app.flows.place import Problem
from app.flows.validate import validate
from app.messages.render import check
from app.models import Flow, FlowStatus, FlowVersion, Journey, JourneyStatus, Store, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`new` False: the file is the version that was there already."""

    slug: str
    version: int
    new: bool
    warnings: Sequence[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLine:
    """One flow in a list."""

    slug: str
    name: d.Translated
    purpose: str
    status: str
    version: int
    inside: int
    activated_at: datetime | None


@lru_cache(maxsize=512)
def validate_file(source: str) -> tuple[d.Definition, Sequence[Problem]]:
    """The definition and its warnings, words included. Raises FlowInvalid with every mistake.

    Says of a file what it said before: nothing else is looked at, and shops share the presets.
    """
    definition, warnings = validate(source, check)
    return definition, tuple(warnings)


def import_flow(session: Session, store: Store, source: str, now: datetime) -> Imported:
    """Keep a file as the newest version of its flow. Raises FlowInvalid."""
    definition, warnings = validate_file(source)
    check_segments(session, definition, source, now)
    flow = _find(session, store, definition.slug, lock=True)
    if flow is not None and _source(session, flow) == source:
        return Imported(slug=flow.slug, version=flow.version, new=False, warnings=warnings)
    if flow is None:
        flow = Flow(
            store_id=store.store_id,
            flow_id=new_id(),
            slug=definition.slug,
            status=FlowStatus.DRAFT,
            version=0,
            created_at=now,
        )
        session.add(flow)
    flow.version += 1
    session.flush()
    session.add(
        FlowVersion(
            store_id=store.store_id,
            flow_id=flow.flow_id,
            version=flow.version,
            source=source,
            created_at=now,
        )
    )
    session.flush()
    if flow.status == FlowStatus.ACTIVE:
        # Whoever meets a new condition at this moment has not begun to meet it.
        remember_members(session, store, _known(flow, definition), now)
    return Imported(slug=flow.slug, version=flow.version, new=True, warnings=warnings)


def export_flow(session: Session, store: Store, slug: str, version: int | None = None) -> str:
    """The file of a version, the newest if none is named, exactly as it was imported."""
    flow = _get(session, store, slug)
    source = _source(session, flow, version)
    if source is None:
        raise InvalidInput("version", f"{slug} has no version {version}")
    return source


def reached(session: Session, store: Store, slug: str, back: timedelta, now: datetime) -> int:
    """How many people activating with `back` would reach at once. Show it before asking."""
    return reach(session, store, known_flow(session, store, slug), now - back, now)


def activate(
    session: Session, store: Store, slug: str, now: datetime, back: timedelta | None = None
) -> int:
    """Let people in from now on; with `back`, also those whose moment came within that time.

    Returns how many entered at once.
    """
    flow = _get(session, store, slug, lock=True)
    if flow.status != FlowStatus.ACTIVE:
        flow.status, flow.activated_at = FlowStatus.ACTIVE, now
        experiments.watch(session, flow.flow_id, now)
    session.flush()
    known = known_flow(session, store, slug)
    entered = enter_backlog(session, store, known, now - back, now) if back else 0
    remember_members(session, store, known, now)
    return entered


def pause(session: Session, store: Store, slug: str) -> None:
    """Let nobody in and send nothing, until it is activated again; nobody is thrown out."""
    flow = _get(session, store, slug, lock=True)
    if flow.status == FlowStatus.DRAFT:
        raise InvalidInput("flow", f"{slug} is a draft; there is nothing to pause")
    flow.status = FlowStatus.PAUSED


def list_flows(session: Session, store: Store) -> list[FlowLine]:
    """Every flow of a store with how many people are inside, by name."""
    inside = (
        select(Journey.flow_id, func.count().label("people"))
        .where(Journey.store_id == store.store_id, Journey.status == JourneyStatus.ACTIVE)
        .group_by(Journey.flow_id)
        .subquery()
    )
    rows = session.execute(
        select(Flow, FlowVersion.source, func.coalesce(inside.c.people, 0))
        .join(
            FlowVersion,
            (FlowVersion.store_id == Flow.store_id)
            & (FlowVersion.flow_id == Flow.flow_id)
            & (FlowVersion.version == Flow.version),
        )
        .outerjoin(inside, inside.c.flow_id == Flow.flow_id)
        .where(Flow.store_id == store.store_id)
        .order_by(Flow.slug)
    )
    return [_line(flow, definition_of(source), people) for flow, source, people in rows]


def known_flow(session: Session, store: Store, slug: str) -> KnownFlow:
    """A flow with the version people enter now. Raises InvalidInput for one that is not there."""
    flow = _get(session, store, slug)
    source = _source(session, flow)
    assert source is not None  # The foreign key of every version, and import keeps both at once.
    return _known(flow, definition_of(source))


def _known(flow: Flow, definition: d.Definition) -> KnownFlow:
    return KnownFlow(
        flow_id=flow.flow_id,
        version=flow.version,
        status=flow.status,
        activated_at=flow.activated_at,
        definition=definition,
    )


def _line(flow: Flow, definition: d.Definition, people: int) -> FlowLine:
    return FlowLine(
        slug=flow.slug,
        name=definition.name,
        purpose=definition.purpose,
        status=flow.status,
        version=flow.version,
        inside=people,
        activated_at=flow.activated_at,
    )


def _get(session: Session, store: Store, slug: str, *, lock: bool = False) -> Flow:
    flow = _find(session, store, slug, lock=lock)
    if flow is None:
        raise InvalidInput("flow", f"there is no flow {slug}; `comeback flow list` shows them")
    return flow


def _find(session: Session, store: Store, slug: str, *, lock: bool) -> Flow | None:
    statement = select(Flow).where(Flow.store_id == store.store_id, Flow.slug == slug)
    if lock:
        statement = statement.with_for_update()
    return session.scalars(statement).one_or_none()


def _source(session: Session, flow: Flow, version: int | None = None) -> str | None:
    return session.scalar(
        select(FlowVersion.source).where(
            FlowVersion.store_id == flow.store_id,
            FlowVersion.flow_id == flow.flow_id,
            FlowVersion.version == (flow.version if version is None else version),
        )
    )
