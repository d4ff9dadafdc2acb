"""Everything on record about one person, in one order: what happened, what was decided, what left.

Reads each table once for a page, however much there is, and writes nothing. The ledger tells of
consent and the touches of clicks; the event log tells of the rest, so that nothing is told twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.customers.entries import Entry, EntryKind, Page, Place
from app.models import (
    Cart,
    ConsentEntry,
    Credit,
    Decision,
    LoggedFact,
    Merge,
    Message,
    Order,
    Touch,
)
from app.tenancy import store_of

_Columns = TypeVarTuple("_Columns")

MOST = 100
_TITLES = 3
_FACTS = (
    EntryKind.CUSTOMER_SEEN,
    EntryKind.CUSTOMER_DELETED,
    EntryKind.ORDER_SEEN,
    EntryKind.ORDER_DELETED,
    EntryKind.REFUND_SEEN,
    EntryKind.CART_SEEN,
    EntryKind.CUSTOMER_ACTED,
)
_CLICK = {"name": "link_clicked", "source": "link"}
"""How `messages.touches` logs a click beside the touch."""


@dataclass(frozen=True, slots=True)
class _Asked:
    session: Session
    store_id: UUID
    customer_id: UUID
    before: Place | None
    limit: int

    def rows(
        self,
        statement: Select[*_Columns],
        at: InstrumentedAttribute[Any],
        entry_id: InstrumentedAttribute[UUID],
    ) -> Iterator[Row[*_Columns]]:
        """The newest rows of a statement before the place asked for."""
        if self.before is not None:
            place = tuple_(self.before.at, self.before.entry_id)
            statement = statement.where(tuple_(at, entry_id) < place)
        newest = statement.order_by(at.desc(), entry_id.desc()).limit(self.limit)
        return iter(self.session.execute(newest))

    def of(self, table: Any) -> ColumnElement[bool]:
        """The rows of this person."""
        return and_(table.store_id == self.store_id, table.customer_id == self.customer_id)


def timeline(
    session: Session, customer_id: UUID, before: Place | None = None, limit: int = MOST
) -> Page:
    """The newest entries of a person, or those before a place; nothing about a stranger."""
    # One more than is shown says whether there is an older page.
    asked = _Asked(session, store_of(session), customer_id, before, limit + 1)
    found = [entry for source in _SOURCES for entry in source(asked)]
    found.sort(key=lambda entry: entry.place, reverse=True)
    shown = found[:limit]
    return Page(shown, shown[-1].place if len(found) > limit else None)


def _facts(asked: _Asked) -> Iterator[Entry]:
    fact, log = LoggedFact.fact, LoggedFact
    told_by_a_touch = and_(
        log.kind == EntryKind.CUSTOMER_ACTED,
        fact["name"].astext == _CLICK["name"],
        log.source == _CLICK["source"],
    )
    # A refund and a deletion name their order by its key alone.
    same_order = and_(Order.store_id == log.store_id, Order.order_key == fact["order_key"].astext)
    statement = (
        select(log, Order.number, Order.currency)
        .outerjoin(Order, same_order)
        .where(asked.of(log), log.kind.in_(_FACTS), ~told_by_a_touch)
    )
    for row, number, currency in asked.rows(statement, log.occurred_at, log.event_id):
        known = {"number": number, "currency": currency}
        yield Entry(
            at=row.occurred_at,
            entry_id=row.event_id,
            kind=EntryKind(row.kind),
            state=_state(row.kind, row.fact),
            source=row.source,
            order_key=row.fact.get("order_key"),
            values={**known, **_values(row.kind, row.fact)},
        )


def _state(kind: str, fact: Mapping[str, Any]) -> str | None:
    if kind == EntryKind.CART_SEEN and not fact["lines"]:
        return "emptied"
    return str(fact["status"]) if kind == EntryKind.ORDER_SEEN else None


def _values(kind: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact says that a reader wants to see."""
    match kind:
        case EntryKind.ORDER_SEEN:
            return {name: fact[name] for name in ("number", "currency", "total_minor")}
        case EntryKind.REFUND_SEEN:
            return {"total_minor": fact["refund"]["amount_minor"]}
        case EntryKind.CART_SEEN:
            titles = [line["title"] for line in fact["lines"]]
            money = {name: fact[name] for name in ("currency", "total_minor")}
            return {"titles": titles[:_TITLES], "products": len(titles), **money}
        case EntryKind.CUSTOMER_ACTED:
            said = fact["values"]
            told = next((said[n] for n in ("value", "comment", "tag") if n in said), None)
            return {"name": fact["name"], "told": told}
    return {}


def _carts(asked: _Asked) -> Iterator[Entry]:
    """How carts ended. That they were filled and left is in the log."""
    statement = select(Cart).where(asked.of(Cart), Cart.ended_at.is_not(None))
    for (row,) in asked.rows(statement, Cart.ended_at, Cart.cart_id):
        assert row.ended_at is not None  # The statement asks for no other.
        yield Entry(
            at=row.ended_at,
            entry_id=row.cart_id,
            kind=EntryKind.CART_ENDED,
            state=row.status,
            order_key=row.order_key,
            values={"currency": row.currency, "total_minor": row.total_minor},
        )


def _consents(asked: _Asked) -> Iterator[Entry]:
    ledger = ConsentEntry
    statement = select(ledger).where(asked.of(ledger))
    for (row,) in asked.rows(statement, ledger.occurred_at, ledger.consent_id):
        yield Entry(
            at=row.occurred_at,
            entry_id=row.consent_id,
            kind=EntryKind.CONSENT,
            state=row.state,
            source=row.source,
            values={"channel": row.channel},
        )


def _decisions(asked: _Asked) -> Iterator[Entry]:
    """A decision about a step leads to its message, also when it was made before there was one."""
    same_step = and_(
        Message.store_id == Decision.store_id,
        Message.journey_id == Decision.journey_id,
        Message.step == Decision.step,
    )
    message_id = func.coalesce(Decision.message_id, Message.message_id)
    statement = select(Decision, message_id).outerjoin(Message, same_step).where(asked.of(Decision))
    for row, about in asked.rows(statement, Decision.decided_at, Decision.decision_id):
        yield Entry(
            at=row.decided_at,
            entry_id=row.decision_id,
            kind=EntryKind.DECISION,
            state=row.outcome,
            flow_id=row.flow_id,
            message_id=about,
            values={"step": row.step, "reason": row.reason, "compared": row.compared},
        )


def _messages(asked: _Asked) -> Iterator[Entry]:
    """Messages that left. Why others did not is among the decisions."""
    statement = select(Message).where(asked.of(Message), Message.sent_at.is_not(None))
    for (row,) in asked.rows(statement, Message.sent_at, Message.message_id):
        assert row.sent_at is not None  # The statement asks for no other.
        yield Entry(
            at=row.sent_at,
            entry_id=row.message_id,
            kind=EntryKind.MESSAGE,
            state=row.status,
            flow_id=row.flow_id,
            message_id=row.message_id,
            values={"channel": row.channel, "text": row.subject or row.body or row.name},
        )


def _clicks(asked: _Asked) -> Iterator[Entry]:
    written = and_(Message.store_id == Touch.store_id, Message.message_id == Touch.message_id)
    statement = select(Touch, Message).join(Message, written).where(asked.of(Touch))
    for row, message in asked.rows(statement, Touch.touched_at, Touch.touch_id):
        yield Entry(
            at=row.touched_at,
            entry_id=row.touch_id,
            kind=EntryKind.CLICK,
            flow_id=message.flow_id,
            message_id=row.message_id,
            values={"channel": message.channel, "text": message.subject or message.name},
        )


def _merges(asked: _Asked) -> Iterator[Entry]:
    mine = and_(Merge.store_id == asked.store_id, Merge.kept_id == asked.customer_id)
    for (row,) in asked.rows(select(Merge).where(mine), Merge.merged_at, Merge.gone_id):
        by = {"by": row.because.get("by", [])}
        yield Entry(at=row.merged_at, entry_id=row.gone_id, kind=EntryKind.MERGE, values=by)


def _credits(asked: _Asked) -> Iterator[Entry]:
    same_order = and_(Order.store_id == Credit.store_id, Order.order_key == Credit.order_key)
    statement = select(Credit, Order.number).join(Order, same_order).where(asked.of(Order))
    for row, number in asked.rows(statement, Credit.credited_at, Credit.credit_id):
        left = row.amount_minor - row.reversed_minor
        yield Entry(
            at=row.credited_at,
            entry_id=row.credit_id,
            kind=EntryKind.CREDIT,
            flow_id=row.flow_id,
            message_id=row.message_id,
            order_key=row.order_key,
            values={
                "number": number,
                "currency": row.currency,
                "total_minor": left,
                "channel": row.channel,
            },
        )


_SOURCES = (
    _facts,
    _carts,
    _consents,
    _decisions,
    _messages,
    _clicks,
    _merges,
    _credits,
)
