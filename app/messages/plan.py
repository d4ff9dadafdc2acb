"""Planning: a message becomes a row, once for each journey and step, long before it is sent.

Must never call a provider, and never change a message that is planned already: a repeat of the
same step, after a crash or by another worker, gets the id of the first.
"""

from collections.abc import Mapping, Sequence
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
from app.models.rows import STORE, listed, one_of, table_of

DUTY = "messages"
_MESSAGES = table_of(Message)
_PLAN = (
    insert(_MESSAGES)
    .on_conflict_do_nothing(index_elements=["store_id", "journey_id", "step"])
    .returning(_MESSAGES.c.message_id)
)
_PLANNED = select(Message.journey_id, Message.step, Message.message_id).where(
    Message.store_id == STORE, one_of(Message.journey_id, "journeys")
)
_LOCALES = (
    select(Customer.customer_id, func.coalesce(Customer.locale, Store.locale))
    .join(Store, Store.store_id == Customer.store_id)
    .where(Customer.store_id == STORE, one_of(Customer.customer_id, "people"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a step wants said. `name` is the message's name in the flow's definition, `variant` the
    one of its texts that this person gets, where there are several.

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
    variant: str | None = None
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


def plan_many(
    session: Session, wanted: Sequence[tuple[Journey, PlanRequest]], now: datetime
) -> dict[tuple[UUID, str], UUID]:
    """Plan the messages of one store, all at once; their ids by journey and step."""
    if not wanted:
        return {}
    store_id = wanted[0][0].store_id
    locales = _locales(session, store_id, {journey.customer_id for journey, _ in wanted})
    rows = [
        {**_row(journey, request, now), "locale": locales[journey.customer_id]}
        for journey, request in wanted
    ]
    session.execute(_PLAN, rows)
    if any(request.due_at <= now for _, request in wanted):
        nudge_after_commit(session, DUTY, store_id)
    # Read back instead of returned: what was planned before has its id as well.
    journeys = listed({journey.journey_id for journey, _ in wanted})
    found = session.execute(_PLANNED, {"store": store_id, "journeys": journeys})
    return {(journey_id, step): message_id for journey_id, step, message_id in found}


def _locales(session: Session, store_id: UUID, customer_ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(_LOCALES, {"store": store_id, "people": listed(customer_ids)})
    return {row[0]: row[1] for row in rows}


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
        "variant": request.variant,
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
