"""Who meets the condition of a segment flow, kept so that only who comes, or leaves, is news.

What a history tells makes nobody a newcomer: whoever it shows to meet a condition met it before.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.customers import Change
from app.flows import definition as d
from app.flows.known import KnownFlow, open_flows
from app.models import FlowMember, FlowStatus, Store
from app.models.rows import among
from app.segments import matching, of_everybody


def remember_members(
    session: Session,
    store: Store,
    flow: KnownFlow,
    now: datetime,
    people: Sequence[UUID] | None = None,
) -> list[UUID]:
    """Bring the list of who meets the trigger's condition up to date, for all or for `people`
    alone; the newcomers, or whom the trigger waits for to leave."""
    trigger = flow.definition.trigger
    if not isinstance(trigger, d.SegmentTrigger):
        return []
    meets = matching(session, trigger.condition, store, now, people).cte("meets")
    listed = _listed(store, flow)
    if people is not None:
        listed.append(among(FlowMember.customer_id, people))
    same = FlowMember.customer_id == meets.c.customer_id
    gone = delete(FlowMember).where(*listed, ~exists().where(same))
    news = select(
        literal(store.store_id), literal(flow.flow_id), meets.c.customer_id, literal(now)
    ).where(~exists().where(*_listed(store, flow), same))
    come = insert(FlowMember).from_select(["store_id", "flow_id", "customer_id", "since"], news)
    left = gone.returning(FlowMember.customer_id).cte("left_it")
    came = come.on_conflict_do_nothing().returning(FlowMember.customer_id).cte("came")
    told, other = (left, came) if trigger.left else (came, left)
    moved = select(told.c.customer_id).add_cte(other)
    with of_everybody(session) if people is None else nullcontext():
        return list(session.scalars(moved))


def _listed(store: Store, flow: KnownFlow) -> list[ColumnElement[bool]]:
    return [FlowMember.store_id == store.store_id, FlowMember.flow_id == flow.flow_id]


def remember_history(
    session: Session, store: Store, changes: Sequence[Change], now: datetime
) -> None:
    """Take note of whom a backfill or an import made meet a condition, in its own transaction, so
    that no later look takes them for newcomers. Lets nobody in."""
    people = sorted({change.customer_id for change in changes if change.customer_id is not None})
    for flow in open_flows(session, store) if people else ():
        if flow.status == FlowStatus.ACTIVE:
            remember_members(session, store, flow, now, people)
