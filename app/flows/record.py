"""Keeping decisions: many rows, one statement. Nothing here decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.effects import Record
from app.models import Decision, Journey, Message, new_id
from app.models.rows import insert_new


def of_journey(
    journey: Journey, record: Record, now: datetime, message_id: UUID | None = None
) -> dict[str, Any]:
    """The row of one decision about a journey."""
    return {
        "store_id": journey.store_id,
        "customer_id": journey.customer_id,
        "flow_id": journey.flow_id,
        "version": journey.version,
        "journey_id": journey.journey_id,
        "message_id": message_id,
        **_columns(record, now),
    }


def of_message(message: Message, record: Record, now: datetime) -> dict[str, Any]:
    """The row of one decision about a message that is planned already."""
    return {
        "store_id": message.store_id,
        "customer_id": message.customer_id,
        "flow_id": message.flow_id,
        "version": message.version,
        "journey_id": message.journey_id,
        "message_id": message.message_id,
        **_columns(record, now),
    }


def at_the_door(
    store_id: UUID, customer_id: UUID, flow: tuple[UUID, int], record: Record, now: datetime
) -> dict[str, Any]:
    """The row of one decision about somebody who is not, or not yet, inside."""
    return {
        "store_id": store_id,
        "customer_id": customer_id,
        "flow_id": flow[0],
        "version": flow[1],
        "journey_id": None,
        "message_id": None,
        **_columns(record, now),
    }


def keep(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write the decisions, all at once. Their ids keep the order in which they were made."""
    insert_new(session, Decision, [{**row, "decision_id": new_id()} for row in rows])


def _columns(record: Record, now: datetime) -> dict[str, Any]:
    return {
        "step": record.step,
        "outcome": str(record.outcome),
        "reason": str(record.reason),
        "compared": dict(record.compared),
        "decided_at": now,
    }
