"""One person's story for a reader at a terminal: what happened, what was decided and why.

Reads only. Every line is a moment and two short texts; the reasons are in the reader's language.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.flows.explain import explain
from app.models import Customer, Decision, Flow, LoggedFact, Message, Store
from app.money import format_money


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    what: str
    why: str


def timeline(session: Session, store: Store, customer: Customer, language: str) -> list[Line]:
    """Everything on record about a person, oldest first."""
    flows = _slugs(session, store)
    lines = [
        *_facts(session, store, customer, language),
        *_decisions(session, store, customer, language, flows),
        *_messages(session, store, customer, flows),
    ]
    return sorted(lines, key=lambda line: line.at)


def _slugs(session: Session, store: Store) -> dict[UUID, str]:
    rows = session.execute(select(Flow.flow_id, Flow.slug).where(Flow.store_id == store.store_id))
    return {row.flow_id: row.slug for row in rows}


def _facts(session: Session, store: Store, customer: Customer, language: str) -> Iterator[Line]:
    rows = session.scalars(
        select(LoggedFact).where(
            LoggedFact.store_id == store.store_id, LoggedFact.customer_id == customer.customer_id
        )
    )
    for row in rows:
        words = _words(row.fact, store, language)
        yield Line(row.occurred_at, row.kind.replace("_", " "), f"{words} (told by {row.source})")


def _words(fact: dict[str, Any], store: Store, language: str) -> str:
    """What the fact says that a person would want to see: states, names and sums, no addresses."""
    names = ("number", "status", "channel", "state", "name")
    words = [str(fact[name]) for name in names if isinstance(fact.get(name), str)]
    if isinstance(fact.get("total_minor"), int):
        currency = fact.get("currency") or store.currency
        words.append(format_money(fact["total_minor"], currency, language))
    if fact.get("kind") == "cart_seen":
        words.append(f"{len(fact.get('lines') or ())} products")
    return ", ".join(words) or "seen"


def _decisions(
    session: Session, store: Store, customer: Customer, language: str, flows: dict[UUID, str]
) -> Iterator[Line]:
    rows = session.scalars(
        select(Decision).where(
            Decision.store_id == store.store_id, Decision.customer_id == customer.customer_id
        )
    )
    for row in rows:
        flow = flows[row.flow_id]
        where = f"{flow}, step {row.step}" if row.step else f"{flow}, at the door"
        why = explain(row.reason, row.compared, language, store.timezone)
        yield Line(row.decided_at, f"{where}: {row.outcome}", why)


def _messages(
    session: Session, store: Store, customer: Customer, flows: dict[UUID, str]
) -> Iterator[Line]:
    rows = session.scalars(
        select(Message).where(
            Message.store_id == store.store_id,
            Message.customer_id == customer.customer_id,
            Message.sent_at.is_not(None),
        )
    )
    for row in rows:
        assert row.sent_at is not None  # The query asks for it.
        clicked = ", clicked" if row.clicked_at else ""
        what = f"{flows[row.flow_id]}: {row.channel} {row.status}{clicked}"
        yield Line(row.sent_at, what, row.subject or row.name)


def shown(at: datetime, store: Store) -> str:
    """A moment as the shop's clocks show it."""
    return f"{at.astimezone(ZoneInfo(store.timezone)):%Y-%m-%d %H:%M}"
