"""Planning: a message becomes a row, once for each journey and step, long before it is sent.

Must never call a provider, and never change a message that is planned already: a repeat of the
same step, after a crash or by another worker, gets the id of the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.channels import ChannelName
from app.jobs import nudge_after_commit
from app.models import Customer, Journey, Message, Store

DUTY = "messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a step wants said. `name` is the message's name in the flow's definition.

    `context` is what only the journey knows: `cart_id`, `order_key`, `offer` (the name of the code
    this message shows). The copy and everything about the person is read again before the send.
    """

    step: str
    channel: ChannelName
    name: str
    purpose: str
    commercial: bool
    due_at: datetime
    deadline_at: datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def plan(session: Session, journey: Journey, request: PlanRequest, now: datetime) -> UUID:
    """The id of this step's message, new or as planned before."""
    planned = session.scalar(
        insert(Message)
        .values(**_row(journey, request, now), locale=_locale(session, journey))
        .on_conflict_do_nothing(index_elements=["store_id", "journey_id", "step"])
        .returning(Message.message_id)
    )
    if request.due_at <= now:
        nudge_after_commit(session, DUTY, journey.store_id)
    return planned or _planned_before(session, journey, request.step)


def _row(journey: Journey, request: PlanRequest, now: datetime) -> dict[str, Any]:
    return {
        "store_id": journey.store_id,
        "journey_id": journey.journey_id,
        "flow_id": journey.flow_id,
        "version": journey.version,
        "customer_id": journey.customer_id,
        "step": request.step,
        "channel": request.channel,
        "name": request.name,
        "purpose": request.purpose,
        "commercial": request.commercial,
        # The legal basis is found at the moment of the send, see `truth`.
        "basis": "none",
        "context": dict(request.context),
        "planned_at": now,
        "due_at": request.due_at,
        "deadline_at": request.deadline_at,
    }


def _locale(session: Session, journey: Journey) -> str:
    return session.scalars(
        select(func.coalesce(Customer.locale, Store.locale))
        .join(Store, Store.store_id == Customer.store_id)
        .where(Customer.store_id == journey.store_id, Customer.customer_id == journey.customer_id)
    ).one()


def _planned_before(session: Session, journey: Journey, step: str) -> UUID:
    return session.scalars(
        select(Message.message_id).where(
            Message.store_id == journey.store_id,
            Message.journey_id == journey.journey_id,
            Message.step == step,
        )
    ).one()
