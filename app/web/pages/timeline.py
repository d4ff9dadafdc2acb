"""What a person did and what reached them, in one list, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Customer, LoggedFact, Message, Store
from app.web.shown import t, word

MOST = 100


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the list."""

    at: datetime
    kind: str
    title: str
    detail: str = ""
    message_id: UUID | None = None


def timeline(session: Session, store: Store, customer: Customer) -> list[Event]:
    """Facts as the shop told them, and messages that left."""
    events = [*_facts(session, store, customer), *_messages(session, store, customer)]
    return sorted(events, key=lambda event: event.at, reverse=True)[:MOST]


def _facts(session: Session, store: Store, customer: Customer) -> Iterator[Event]:
    rows = session.scalars(
        select(LoggedFact)
        .where(
            LoggedFact.store_id == store.store_id,
            LoggedFact.customer_id == customer.customer_id,
        )
        .order_by(LoggedFact.occurred_at.desc())
        .limit(MOST)
    )
    for row in rows:
        yield Event(row.occurred_at, row.kind, word("fact", row.kind), _detail(row.kind, row.fact))


def _detail(kind: str, fact: dict[str, Any]) -> str:
    match kind:
        case "order_seen":
            return f"{fact.get('number', '')} · {word('order', str(fact.get('status', '')))}"
        case "cart_seen":
            return ", ".join(line["title"] for line in fact.get("lines", ())[:3])
        case "consent_changed":
            channel, state = str(fact.get("channel")), str(fact.get("state"))
            return f"{word('channel', channel)}: {word('consent', state)}"
        case "customer_acted":
            return _act(str(fact.get("name")), fact.get("values") or {})
    return ""


def _act(name: str, values: dict[str, Any]) -> str:
    told = values.get("value", values.get("comment", values.get("tag", "")))
    return f"{word('act', name)}{': ' if told != '' else ''}{told}"


def _messages(session: Session, store: Store, customer: Customer) -> Iterator[Event]:
    rows = session.scalars(
        select(Message)
        .where(
            Message.store_id == store.store_id,
            Message.customer_id == customer.customer_id,
            Message.sent_at.is_not(None),
        )
        .order_by(Message.sent_at.desc())
        .limit(MOST)
    )
    for row in rows:
        assert row.sent_at is not None  # The query asks for no other.
        title = t("timeline.message", channel=word("channel", row.channel))
        yield Event(row.sent_at, "message", title, row.subject or row.body or "", row.message_id)
