"""Decisions as lines to read: who, which flow, what became of it, and why in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session, aliased

from app.flows.explain import explain
from app.models import Customer, Decision, Flow, Journey, Message, Store
from app.web.pages.names import flow_names, person_name
from app.web.words import language

Lines: TypeAlias = Select[Decision, Customer, str, str | None, Message | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One decision on a page."""

    decision_id: UUID
    at: datetime
    customer_id: UUID
    person: str
    flow: str
    slug: str
    step: str | None
    outcome: str
    reason: str
    why: str
    held_out: bool
    message_id: UUID | None
    channel: str | None
    subject: str | None


def decision_rows(store: Store, *narrowed: ColumnElement[bool], most: int | None = None) -> Lines:
    """The newest decisions of a store, `narrowed` and at the `most` so many. They are chosen before
    anything is joined to them: PostgreSQL does not know how many a store has (record 14), takes
    them for a few, and would join all before it counts."""
    newest = (
        select(Decision)
        .where(Decision.store_id == store.store_id, *narrowed)
        .order_by(Decision.decided_at.desc(), Decision.decision_id.desc())
        .limit(most)
    )
    made = aliased(Decision, newest.subquery())
    return (
        select(made, Customer, Flow.slug, Journey.arm, Message)
        .join(
            Customer,
            and_(Customer.store_id == made.store_id, Customer.customer_id == made.customer_id),
        )
        .join(Flow, and_(Flow.store_id == made.store_id, Flow.flow_id == made.flow_id))
        .outerjoin(
            Journey,
            and_(Journey.store_id == made.store_id, Journey.journey_id == made.journey_id),
        )
        .outerjoin(
            Message,
            and_(
                Message.store_id == made.store_id,
                Message.journey_id == made.journey_id,
                Message.step == made.step,
            ),
        )
        .order_by(made.decided_at.desc(), made.decision_id.desc())
    )


def of_flow(store: Store, slug: str) -> ColumnElement[bool]:
    """Decisions of this flow."""
    flow = select(Flow.flow_id).where(Flow.store_id == store.store_id, Flow.slug == slug)
    return Decision.flow_id == flow.scalar_subquery()


def lines(session: Session, store: Store, rows: Lines) -> Sequence[Line]:
    """The rows as they are read."""
    names = flow_names(session, store)
    return [
        Line(
            decision_id=decision.decision_id,
            at=decision.decided_at,
            customer_id=customer.customer_id,
            person=person_name(customer),
            flow=names.get(decision.flow_id, slug),
            slug=slug,
            step=decision.step,
            outcome=decision.outcome,
            reason=decision.reason,
            why=explain(decision.reason, decision.compared, language(), store.timezone),
            held_out=arm == "holdout",
            message_id=message.message_id if message else None,
            channel=message.channel if message else None,
            subject=message.subject if message else None,
        )
        for decision, customer, slug, arm, message in session.execute(rows)
    ]
