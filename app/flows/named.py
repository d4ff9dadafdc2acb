"""What a store's flows make of its segments: a flow names only segments that are there, one that is
used stays, and who meets a changed condition at that moment has not begun to meet it.
"""

import re
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import segments
from app.flows import definition as d
from app.flows.asked import segments_of
from app.flows.known import open_flows
from app.flows.load import definition_of
from app.flows.members import remember_members
from app.flows.place import FlowInvalid, Problem
from app.models import Flow, FlowStatus, FlowVersion, Journey, JourneyStatus, Segment, Store


def check_segments(session: Session, definition: d.Definition, source: str, now: datetime) -> None:
    """Raises FlowInvalid for a flow that names a segment the store does not have."""
    named = segments_of(definition)
    if not named:
        return
    segments.plant(session, now)
    known = segments.read_segments(session)
    problems = [
        Problem(line=_line(source, slug), field=place, sentence=segments.unknown(slug, known))
        for slug, place in named.items()
        if slug not in known
    ]
    if problems:
        raise FlowInvalid(problems)


def flows_naming(session: Session, store: Store, slug: str) -> list[str]:
    """The flows that use a segment, in the version people enter or in one somebody is still in."""
    inside = select(Journey.version).where(
        Journey.store_id == store.store_id,
        Journey.flow_id == FlowVersion.flow_id,
        Journey.status == JourneyStatus.ACTIVE,
    )
    found = session.execute(
        select(Flow.slug, FlowVersion.source)
        .join(
            FlowVersion,
            (FlowVersion.store_id == Flow.store_id) & (FlowVersion.flow_id == Flow.flow_id),
        )
        .where(
            Flow.store_id == store.store_id,
            or_(FlowVersion.version == Flow.version, FlowVersion.version.in_(inside)),
        )
    )
    return sorted({name for name, source in found if slug in segments_of(definition_of(source))})


def keep_segment(session: Session, store: Store, draft: segments.Draft, now: datetime) -> Segment:
    """Create or change a segment of the store's own. Raises InvalidInput."""
    segments.plant(session, now)
    kept, moved = segments.keep(session, draft, now)
    written = segments.read_segments(session)
    for flow in open_flows(session, store) if moved else ():
        trigger = flow.definition.trigger
        asks = isinstance(trigger, d.SegmentTrigger) and segments.reaches(
            trigger.condition, kept.slug, written
        )
        if asks and flow.status == FlowStatus.ACTIVE:
            remember_members(session, store, flow, now)
    return kept


def archive_segment(session: Session, store: Store, slug: str, now: datetime) -> None:
    """Ask it no longer. Raises InvalidInput while anything uses it."""
    segments.archive(session, slug, now, flows_naming(session, store, slug))


def _line(source: str, slug: str) -> int:
    """The first line that names it: a condition has forgotten the lines it came from."""
    named = re.compile(rf"(?<![\w-]){re.escape(slug)}(?![\w-])")
    lines = enumerate(source.splitlines(), 1)
    return next((number for number, text in lines if named.search(text)), 1)
