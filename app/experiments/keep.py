"""What was found of each flow, measured anew every day and kept for the pages."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.experiments.found import Found, Verdict
from app.models import Flow, FlowStatus, Lift
from app.models.rows import table_of
from app.science.pooled import Pooled, pool
from app.tenancy import store_of

EVERY = timedelta(days=1)
LEASE = timedelta(hours=1)
WITHIN = timedelta(days=30)
"""A purchase within so long after the entry counts, for people whose time is over."""
_FOUND: TypeAdapter[Found] = TypeAdapter(Found)


def watch(session: Session, flow_id: UUID, now: datetime) -> None:
    """Measure a flow from now on, every day."""
    row = {"store_id": store_of(session), "flow_id": flow_id, "due_at": now + EVERY}
    session.execute(insert(table_of(Lift)).values(row).on_conflict_do_nothing())


def next_due(session: Session, now: datetime) -> UUID | None:
    """A flow that is due to be measured, ours for a while: a worker that dies at it, or a flow that
    breaks us, costs it an hour and not its day."""
    mine = (Lift.store_id == store_of(session), Lift.due_at <= now)
    row = session.scalars(
        select(Lift).where(*mine).order_by(Lift.due_at).limit(1).with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    row.due_at = now + LEASE
    return row.flow_id


def put_off(session: Session, now: datetime) -> None:
    """Nothing changes in a store that has left."""
    for row in session.scalars(select(Lift).where(Lift.store_id == store_of(session))):
        row.due_at = now + EVERY


def keep(session: Session, flow_id: UUID, found: Found, now: datetime) -> None:
    row = session.get_one(Lift, (store_of(session), flow_id))
    row.found, row.measured_at = _FOUND.dump_python(found, mode="json"), now
    row.due_at = now + EVERY


def kept(session: Session) -> dict[str, tuple[Found, datetime]]:
    """What was found last, and when, by the flow's slug."""
    rows = session.execute(
        select(Flow.slug, Lift.found, Lift.measured_at)
        .join(Lift, (Lift.store_id == Flow.store_id) & (Lift.flow_id == Flow.flow_id))
        .where(Flow.store_id == store_of(session))
        .order_by(Flow.slug)
    )
    told = ((slug, found, at) for slug, found, at in rows if found is not None and at is not None)
    return {slug: (_FOUND.validate_python(found), at) for slug, found, at in told}


def suspects(session: Session) -> Sequence[str]:
    """The running flows of whose figures none means anything, because their sides are not as large
    as they were set to be."""
    found = (
        select(Flow.slug)
        .join(Lift, (Lift.store_id == Flow.store_id) & (Lift.flow_id == Flow.flow_id))
        .where(
            Flow.store_id == store_of(session),
            Flow.status == FlowStatus.ACTIVE,
            Lift.found["verdict"].astext == Verdict.MISMATCH,
        )
    )
    return session.scalars(found.order_by(Flow.slug)).all()


def together(found: Iterable[Found]) -> Pooled | None:
    """The rate of all flows as one, by random effects; None while nothing can be said of two."""
    told = [one.rate for one in found if one.rate is not None and not one.is_suspect]
    known = [rate for rate in told if rate.high > rate.low]
    return pool(known) if len(known) > 1 else None
