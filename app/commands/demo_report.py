"""What the days came to, and whether a law was broken, checked against the world's own records."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.demo_world import World
from app.models import (
    Cart,
    Credit,
    Customer,
    Decision,
    Flow,
    Journey,
    Message,
    Order,
    Touch,
    Webhook,
)
from app.money import format_money
from app.reasons import Outcome
from app.sandbox.town.fronts import bought_since
from app.tenancy import store_transaction

LAWS = (
    "duplicates",
    "messages to the holdout",
    "messages after purchase",
    "messages after opt-out",
)
"""What must never happen; each counted against the sandboxes' own records."""


_NOT_SENT = (Outcome.REFUSED, Outcome.MOVED, Outcome.FAILED, Outcome.UNKNOWN)


@dataclass(slots=True)
class Tally:
    """The figures of one store, and the laws it broke (in words)."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    messages: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    credit: Counter[tuple[str, str]] = field(default_factory=Counter)
    currency: str = "EUR"
    broken: list[str] = field(default_factory=list)


def tally(world: World, store_id: UUID) -> Tally:
    """Count one store's ninety days."""
    front = world.fronts[store_id]
    result = Tally(front.name)
    with store_transaction(store_id) as session:
        _count(session, result)
        _count_messages(session, result)
        _check_laws(session, world, store_id, result)
    return result


def _count(session: Session, result: Tally) -> None:
    grouped: list[tuple[str, Any]] = [
        ("webhook", Webhook.status),
        ("cart", Cart.status),
        ("order", Order.status),
        ("journey", Journey.arm),
    ]
    for word, column in grouped:
        for value, count in session.execute(select(column, func.count()).group_by(column)):
            result.counts[f"{word} {value}"] = count
    for word, model in (("customers", Customer), ("links clicked", Touch)):
        result.counts[word] = session.scalar(select(func.count()).select_from(model)) or 0
    converted = select(Journey.arm, func.count()).where(Journey.converted_at.is_not(None))
    for arm, count in session.execute(converted.group_by(Journey.arm)):
        result.counts[f"converted {arm}"] = count


def _count_messages(session: Session, result: Tally) -> None:
    rows = session.execute(
        select(Flow.slug, Message.channel, Message.status, func.count())
        .join(Flow, Flow.flow_id == Message.flow_id)
        .group_by(Flow.slug, Message.channel, Message.status)
    )
    for slug, channel, status, count in rows:
        result.messages[slug, channel, status] += count
    reasons = session.execute(
        select(Decision.outcome, Decision.reason, func.count()).group_by(
            Decision.outcome, Decision.reason
        )
    )
    for outcome, reason, count in reasons:
        if outcome in _NOT_SENT:
            result.refusals[f"{outcome}: {reason}"] += count
    credited = session.execute(
        select(
            Flow.slug,
            Credit.channel,
            Credit.currency,
            func.sum(Credit.amount_minor - Credit.reversed_minor),
        )
        .join(Flow, Flow.flow_id == Credit.flow_id)
        .group_by(Flow.slug, Credit.channel, Credit.currency)
    )
    for slug, channel, currency, amount in credited:
        result.credit[slug, channel] += int(amount)
        result.currency = currency


def _check_laws(session: Session, world: World, store_id: UUID, result: Tally) -> None:
    arrivals = _arrivals(world)
    rows = session.execute(
        select(Message, Journey.arm, Journey.entered_at, Customer.email)
        .join(Journey, Journey.journey_id == Message.journey_id)
        .join(Customer, Customer.customer_id == Message.customer_id)
        .where(Message.sent_at.is_not(None))
    )
    front = world.fronts[store_id]
    for message, arm, entered_at, email in rows:
        arrived = arrivals.get(_trace(message), [])
        refused_at = world.letters.refused.get(message.address or "")
        assert message.sent_at is not None
        broken = {
            "duplicates": len(arrived) > 1,
            "messages to the holdout": arm == "holdout",
            "messages after purchase": message.purpose == "cart"
            and email is not None
            and bought_since(front, email, entered_at, message.sent_at),
            "messages after opt-out": message.commercial
            and refused_at is not None
            and any(at > refused_at for at in arrived),
        }
        for law, is_broken in broken.items():
            result.counts[law] += is_broken
            if is_broken:
                result.broken.append(f"{law}: message {message.message_id} of {result.name}")


def _arrivals(world: World) -> dict[str, list[datetime]]:
    """When each message reached a mailbox or a phone, by the trace it left there."""
    found: dict[str, list[datetime]] = {}
    for account in world.mail.by_key.values():
        for mail in account.mails:
            found.setdefault(mail.message_id or "", []).append(mail.at)
    for text in world.phones.messages:
        if text.arrived_at:
            # The same words twice to one number are a duplicate, whatever their numbers.
            found.setdefault(f"{text.number}: {text.body}", []).append(text.arrived_at)
    return found


def _trace(message: Message) -> str:
    if message.channel == "email":
        return str(message.message_id)
    return f"{message.address}: {message.body}"


def show(console: Console, tallies: list[Tally], days: int) -> None:
    """The tables of a demo of so many days."""
    table = Table("", *(tally.name for tally in tallies), title=f"{days} days", title_style="bold")
    counted = {name for tally in tallies for name in tally.counts}
    for name in [*sorted(counted - set(LAWS)), *LAWS]:
        table.add_row(name, *(str(tally.counts[name]) for tally in tallies))
    console.print(table)
    for tally in tallies:
        _show_store(console, tally)


def _show_store(console: Console, tally: Tally) -> None:
    table = Table("flow", "channel", "status", "messages", "credit", title=tally.name)
    paid: set[tuple[str, str]] = set()
    for (slug, channel, status), count in sorted(tally.messages.items()):
        key = (slug, channel)
        money = "" if key in paid else format_money(tally.credit[key], tally.currency, "en")
        paid.add(key)
        table.add_row(slug, channel, status, str(count), money)
    console.print(table)
    reasons = Table("refused or moved, by reason", "times")
    for reason, count in tally.refusals.most_common():
        reasons.add_row(reason, str(count))
    console.print(reasons)
