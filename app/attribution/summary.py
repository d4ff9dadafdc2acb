"""What the flows have earned, and what the people they left alone bought: side by side.

Credited money is what messages may claim; the holdout shows how much of it would have come anyway.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.attribution.credit import HOLDOUT
from app.models import Credit, Flow, Journey, Message, MessageStatus
from app.tenancy import store_of

_NOT_OUT = (
    MessageStatus.PLANNED,
    MessageStatus.SENDING,
    MessageStatus.HELD,
    MessageStatus.FAILED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """One flow on one channel, in one currency. `net_minor` has the refunds taken out."""

    channel: str
    currency: str
    orders: int
    amount_minor: int
    reversed_minor: int

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.reversed_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSummary:
    """`treated` and `held_out` people entered; of them so many converted."""

    slug: str
    treated: int
    treated_converted: int
    held_out: int
    held_out_converted: int
    messages: dict[str, int]
    earned: tuple[Earned, ...]

    @property
    def money(self) -> tuple[tuple[int, str], ...]:
        """Net minor units of each currency, all channels together."""
        net: Counter[str] = Counter()
        for earned in self.earned:
            net[earned.currency] += earned.net_minor
        return tuple((minor, currency) for currency, minor in sorted(net.items()))


def summary(session: Session, since: datetime) -> list[FlowSummary]:
    """Every flow of the store, by slug, since a moment."""
    store_id = store_of(session)
    flows = session.execute(
        select(Flow.flow_id, Flow.slug).where(Flow.store_id == store_id).order_by(Flow.slug)
    ).all()
    journeys = _journeys(session, store_id, since)
    messages = _messages(session, store_id, since)
    earned = _earned(session, store_id, since)
    return [
        FlowSummary(
            slug=slug,
            **journeys.get(flow_id, _NOBODY),
            messages=messages.get(flow_id, {}),
            earned=tuple(earned.get(flow_id, ())),
        )
        for flow_id, slug in flows
    ]


_NOBODY = {"treated": 0, "treated_converted": 0, "held_out": 0, "held_out_converted": 0}


def _journeys(session: Session, store_id: UUID, since: datetime) -> dict[UUID, dict[str, int]]:
    held_out = Journey.arm == HOLDOUT
    converted = Journey.converted_at.is_not(None)

    rows = session.execute(
        select(
            Journey.flow_id,
            func.count().filter(~held_out).label("treated"),
            func.count().filter(~held_out & converted).label("treated_converted"),
            func.count().filter(held_out).label("held_out"),
            func.count().filter(held_out & converted).label("held_out_converted"),
        )
        .where(Journey.store_id == store_id, Journey.entered_at >= since)
        .group_by(Journey.flow_id)
    )
    found = {}
    for row in rows.mappings():
        values = dict(row)
        found[values.pop("flow_id")] = values
    return found


def _messages(session: Session, store_id: UUID, since: datetime) -> dict[UUID, dict[str, int]]:
    rows = session.execute(
        select(Message.flow_id, Message.channel, func.count())
        .where(
            Message.store_id == store_id,
            Message.sent_at >= since,
            Message.status.not_in(_NOT_OUT),
        )
        .group_by(Message.flow_id, Message.channel)
    )
    found: dict[UUID, dict[str, int]] = {}
    for flow_id, channel, count in rows:
        found.setdefault(flow_id, {})[channel] = count
    return found


def _earned(session: Session, store_id: UUID, since: datetime) -> dict[UUID, list[Earned]]:
    rows = session.execute(
        select(
            Credit.flow_id,
            Credit.channel,
            Credit.currency,
            func.count(),
            func.sum(Credit.amount_minor),
            func.sum(Credit.reversed_minor),
        )
        .where(Credit.store_id == store_id, Credit.credited_at >= since)
        .group_by(Credit.flow_id, Credit.channel, Credit.currency)
        .order_by(Credit.channel, Credit.currency)
    )
    found: dict[UUID, list[Earned]] = {}
    for flow_id, channel, currency, orders, amount, back in rows:
        earned = Earned(
            channel=channel,
            currency=currency,
            orders=orders,
            amount_minor=int(amount),
            reversed_minor=int(back),
        )
        found.setdefault(flow_id, []).append(earned)
    return found
