"""What an erased person leaves elsewhere: messages, journeys, tasks, raw webhooks.

What was done and when stays, for the store's figures; what it said and to whom goes. Rows that
cannot be emptied, because they are append-only, are deleted where they name the person.
"""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, cast, delete, false, func, or_, select, update

from app.customers.batch import Batch
from app.models import (
    ConsentEntry,
    ConsentWriteback,
    Decision,
    Journey,
    JourneyStatus,
    Link,
    Merge,
    Message,
    MessageStatus,
    Notice,
    OutboundCall,
    ProfileUpsert,
    Task,
    Webhook,
    WebhookStatus,
)
from app.models.base import Base
from app.models.rows import table_of
from app.reasons import Reason


def forget(batch: Batch, customer_id: UUID, needles: Sequence[str]) -> None:
    """Empty or delete every row about the person that says who they were."""
    _empty_messages(batch, customer_id)
    _end_journeys(batch, customer_id)
    of_person = {"customer_id": customer_id}
    _empty(batch, Task, of_person, title="", script="", closed_at=batch.now)
    _empty(batch, OutboundCall, of_person, details={}, done_at=batch.now)
    _empty(batch, Merge, {"kept_id": customer_id}, because={})
    for model in (ConsentWriteback, ConsentEntry, Notice, ProfileUpsert):
        _delete(batch, model, table_of(model).c.customer_id == customer_id)
    named = _mentions(cast(Decision.compared, Text), needles)
    _delete(batch, Decision, (Decision.customer_id == customer_id) & named)


def _empty_messages(batch: Batch, customer_id: UUID) -> None:
    own = select(Message.message_id).where(
        Message.store_id == batch.store_id, Message.customer_id == customer_id
    )
    _delete(batch, Link, Link.message_id.in_(own))
    blank = dict.fromkeys(("subject", "preview", "html", "body", "address"))
    _empty(batch, Message, {"customer_id": customer_id}, **blank, context={})
    _empty(
        batch,
        Message,
        {"customer_id": customer_id, "status": MessageStatus.PLANNED},
        status=MessageStatus.HELD,
        reason=Reason.PERSON_ERASED,
        lease_until=None,
    )


def _end_journeys(batch: Batch, customer_id: UUID) -> None:
    _empty(batch, Journey, {"customer_id": customer_id}, context={})
    _empty(
        batch,
        Journey,
        {"customer_id": customer_id, "status": JourneyStatus.ACTIVE},
        status=JourneyStatus.EXITED,
        end_reason=Reason.PERSON_ERASED,
        ended_at=batch.now,
        due_at=None,
        lease_until=None,
    )


def forget_webhooks(batch: Batch, needles: Sequence[str], keys: Sequence[str]) -> None:
    """Empty raw bodies that name the person, by reading every one that is left.

    One still waiting is applied first, and then finds nobody.
    """
    body = func.lower(func.encode(Webhook.body, "escape"))
    about = _mentions(body, needles)
    for key in keys:
        number = f'"?{re.escape(key.lower())}"?(?![0-9a-z])'
        whose = rf'"customer_id"\s*:\s*{number}|"customer"\s*:\s*{{\s*"id"\s*:\s*{number}'
        own = body.regexp_match(rf'"id"\s*:\s*{number}') & Webhook.topic.startswith("customer")
        about = or_(about, body.regexp_match(whose), own)
    batch.session.execute(
        update(Webhook)
        .where(
            Webhook.store_id == batch.store_id,
            Webhook.status != WebhookStatus.WAITING,
            Webhook.body.is_not(None),
            about,
        )
        .values(body=None),
        execution_options={"synchronize_session": False},
    )


def _mentions(text: ColumnElement[Any], needles: Sequence[str]) -> ColumnElement[bool]:
    lowered = func.lower(text)
    return or_(false(), *(func.strpos(lowered, needle) > 0 for needle in needles))


def _empty(batch: Batch, model: type[Base], where: dict[str, Any], **values: Any) -> None:
    table: Table = table_of(model)
    conditions = [table.c[name] == value for name, value in where.items()]
    batch.session.execute(
        update(table).where(table.c.store_id == batch.store_id, *conditions).values(values)
    )


def _delete(batch: Batch, model: type[Base], condition: ColumnElement[bool]) -> None:
    batch.session.execute(
        delete(model).where(table_of(model).c.store_id == batch.store_id, condition),
        execution_options={"synchronize_session": False},
    )
