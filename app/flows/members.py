"""Who meets the condition of a segment flow, kept so that only a newcomer is news.

What a history tells makes nobody a newcomer: whoever it shows to meet a condition met it before.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, delete, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.customers import Change
from app.flows import definition as d
from app.flows.known import KnownFlow, open_flows
from app.models import FlowMember, FlowStatus, Store
from app.segments import matching


def remember_members(
    session: Session,
    store: Store,
    flow: KnownFlow,
    now: datetime,
    people: Sequence[UUID] | None = None,
) -> list[UUID]:
    """Bring the list of who meets the trigger's condition up to date, for all or for `people`
    alone; the newcomers."""
    trigger = flow.definition.trigger
    if not isinstance(trigger, d.SegmentTrigger):
        return []
    found = matching(trigger.entered, store, now).subquery()
    listed = [FlowMember.store_id == store.store_id, FlowMember.flow_id == flow.flow_id]
    meets = select(found.c.customer_id)
    if people is not None:
        among = any_(literal(list(people), ARRAY(Uuid)))
        listed.append(FlowMember.customer_id == among)
        meets = meets.where(found.c.customer_id == among)
    session.execute(delete(FlowMember).where(*listed, FlowMember.customer_id.not_in(meets)))
    rows = meets.with_only_columns(
        literal(store.store_id), literal(flow.flow_id), found.c.customer_id, literal(now)
    )
    newcomers = session.scalars(
        insert(FlowMember)
        .from_select(["store_id", "flow_id", "customer_id", "since"], rows)
        .on_conflict_do_nothing()
        .returning(FlowMember.customer_id)
    )
    return list(newcomers)


def remember_history(
    session: Session, store: Store, changes: Sequence[Change], now: datetime
) -> None:
    """Take note of whom a backfill or an import made meet a condition, in its own transaction, so
    that no later look takes them for newcomers. Lets nobody in."""
    people = sorted({change.customer_id for change in changes if change.customer_id is not None})
    for flow in open_flows(session, store) if people else ():
        if flow.status == FlowStatus.ACTIVE:
            remember_members(session, store, flow, now, people)
