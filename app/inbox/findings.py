"""What is wrong with a store, from the facts. Pure: the page, the doctor and the operator's alerts
all read the same findings.

Each finding has a sentence and a way out in four languages: `finding_<code>` and
`finding_<code>_do` in `translations/notices.yaml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from app.channels import CARRIES
from app.inbox.clocks import ClockReading
from app.inbox.facts import Facts
from app.inbox.pulse import Colour
from app.platforms import Resource

LATE = {
    "inbox": (timedelta(minutes=5), timedelta(minutes=30)),
    "steps": (timedelta(minutes=10), timedelta(hours=1)),
    "messages": (timedelta(minutes=15), timedelta(hours=1)),
    "look": (timedelta(0), timedelta(hours=3)),
}
"""From when on a delay is amber, and red. Each is many times what a machine that works takes."""
FEWEST_CALLS = 10
FAILING = (0.2, 0.5)
RECENT = timedelta(days=1)
CLOCK_OFF = (5.0, 60.0)
"""Seconds between a process's clock and the database's."""


class Code(StrEnum):
    SHOP_BROKEN = "shop_broken"
    SHOP_UNREACHABLE = "shop_unreachable"
    TOPIC_SILENT = "topic_silent"
    CHANGES_MISSED = "changes_missed"
    WEBHOOKS_FAILED = "webhooks_failed"
    INBOX_LATE = "inbox_late"
    STEPS_LATE = "steps_late"
    CHANNEL_BROKEN = "channel_broken"
    CHANNEL_REFUSES = "channel_refuses"
    MESSAGES_LATE = "messages_late"
    PROVIDER_FAILING = "provider_failing"
    BALANCE_LOW = "balance_low"
    BALANCE_SPENT = "balance_spent"
    MAIL_SILENT = "mail_silent"
    HISTORY_STOPPED = "history_stopped"
    LETTERS_FAILING = "letters_failing"
    SIDES_UNLIKE = "sides_unlike"
    CLOCK_OFF = "clock_off"


OF_EVERY_STORE = frozenset({Code.CLOCK_OFF})
"""What ails a machine ails every store alike: the operator is told of it once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. `subject` tells two of a code apart; `values` fill its sentence;
    the counts are what it costs."""

    code: Code
    colour: Colour
    since: datetime | None
    subject: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    messages: int = 0
    webhooks: int = 0
    orders: int = 0


def find(facts: Facts) -> list[Finding]:
    """Everything that is wrong, the worst first and of that the oldest."""
    found = [*_shop(facts), *_inbox(facts), *_providers(facts), *_sending(facts), *_rest(facts)]
    found += find_everywhere(facts.clocks)
    found = [replace(one, since=one.since or _begun(facts, one)) for one in found]
    order = {Colour.RED: 0, Colour.AMBER: 1}
    return sorted(found, key=lambda one: (order[one.colour], one.since or facts.now))


def _begun(facts: Facts, one: Finding) -> datetime | None:
    """For what tells no time itself: when a look first found it."""
    return facts.begun.get((one.code, one.subject))


def find_everywhere(clocks: Sequence[ClockReading]) -> list[Finding]:
    """What is wrong at every store alike: of each machine the clock that is the most wrong."""
    wrong = [one for one in clocks if abs(one.ahead) > CLOCK_OFF[0]]
    worst = {one.host: one for one in sorted(wrong, key=lambda one: abs(one.ahead))}
    return [
        Finding(
            code=Code.CLOCK_OFF,
            colour=Colour.RED if abs(one.ahead) > CLOCK_OFF[1] else Colour.AMBER,
            since=None,
            subject=host,
            values={"process": one.process, "seconds": f"{one.ahead:+.0f}"},
        )
        for host, one in worst.items()
    ]


def _held(facts: Facts, kind: str) -> int:
    return sum(facts.waiting.get(name, 0) for name in CARRIES.get(kind, ()))


def _shop(facts: Facts) -> Iterator[Finding]:
    look = facts.looks.get("shop")
    for one in facts.broken:
        if one.kind == "shop":
            yield Finding(
                code=Code.SHOP_BROKEN,
                colour=Colour.RED,
                since=one.since,
                values={"problem": one.problem},
                messages=sum(facts.waiting.values()),
            )
            return
    if look and look.failing_since:
        colour = _late(facts, "look", look.failing_since)
        yield Finding(
            code=Code.SHOP_UNREACHABLE,
            colour=colour or Colour.AMBER,
            since=look.failing_since,
            values={"problem": look.problem or ""},
        )


def _inbox(facts: Facts) -> Iterator[Finding]:
    for pulse in facts.pulses:
        if pulse.colour is not Colour.GREEN:
            yield Finding(
                code=Code.TOPIC_SILENT,
                colour=pulse.colour,
                since=pulse.last_at,
                subject=pulse.topic,
                values={"topic": pulse.topic},
            )
    for resource, reading in facts.readings.items():
        if reading.latest_miss and facts.now - reading.latest_miss < RECENT:
            yield Finding(
                code=Code.CHANGES_MISSED,
                colour=Colour.AMBER,
                since=datetime.fromisoformat(reading.missed_from or reading.since),
                subject=str(resource),
                values={"number": str(reading.missed)},
                orders=reading.missed if resource is Resource.ORDERS else 0,
            )
    if facts.failed.count:
        yield Finding(
            code=Code.WEBHOOKS_FAILED,
            colour=Colour.AMBER,
            since=facts.failed.since,
            webhooks=facts.failed.count,
        )
    for code, name, waiting in (
        (Code.INBOX_LATE, "inbox", facts.inbox),
        (Code.STEPS_LATE, "steps", facts.steps),
    ):
        colour = _late(facts, name, waiting.since)
        if colour:
            webhooks = waiting.count if name == "inbox" else 0
            messages = 0 if name == "inbox" else waiting.count
            yield Finding(
                code=code, colour=colour, since=waiting.since, webhooks=webhooks, messages=messages
            )


def _providers(facts: Facts) -> Iterator[Finding]:
    broken = {one.kind: one for one in facts.broken}
    for kind in CARRIES:
        look, named = facts.looks.get(kind), {"provider": kind.title()}
        if kind in broken:
            yield Finding(
                code=Code.CHANNEL_BROKEN,
                colour=Colour.RED,
                since=broken[kind].since,
                subject=kind,
                values={**named, "problem": broken[kind].problem},
                messages=_held(facts, kind),
            )
        elif look and look.failing_since:
            yield Finding(
                code=Code.CHANNEL_REFUSES,
                colour=_late(facts, "look", look.failing_since) or Colour.AMBER,
                since=look.failing_since,
                subject=kind,
                values={**named, "problem": look.problem or ""},
                messages=_held(facts, kind),
            )
        elif look and look.balance is not None and _is_low(facts, Decimal(look.balance)):
            spent = Decimal(look.balance) <= 0
            yield Finding(
                code=Code.BALANCE_SPENT if spent else Code.BALANCE_LOW,
                colour=Colour.RED if spent else Colour.AMBER,
                since=None,
                subject=kind,
                values={**named, "balance": f"{Decimal(look.balance):.2f} {look.currency}".strip()},
                messages=_held(facts, kind) if spent else 0,
            )


def _is_low(facts: Facts, balance: Decimal) -> bool:
    return balance <= 0 or balance < facts.low_balance


def _sending(facts: Facts) -> Iterator[Finding]:
    broken = {name for one in facts.broken for name in CARRIES.get(one.kind, ())}
    for channel, late in facts.late.items():
        colour = _late(facts, "messages", late.since)
        if colour and channel not in broken:
            yield Finding(
                code=Code.MESSAGES_LATE,
                colour=colour,
                since=late.since,
                subject=channel,
                values={"channel": channel},
                messages=late.count,
            )
    for calls in facts.calls:
        share = calls.failed / calls.made if calls.made >= FEWEST_CALLS else 0.0
        if share >= FAILING[0] and calls.channel not in broken:
            yield Finding(
                code=Code.PROVIDER_FAILING,
                colour=Colour.RED if share >= FAILING[1] else Colour.AMBER,
                since=calls.since,
                subject=calls.channel,
                values={"channel": calls.channel, "percent": f"{share:.0%}"},
                messages=facts.waiting.get(calls.channel, 0),
            )


def _rest(facts: Facts) -> Iterator[Finding]:
    if facts.silent_mail:
        yield Finding(
            code=Code.MAIL_SILENT,
            colour=Colour.RED,
            since=None,
            values={"flows": ", ".join(facts.silent_mail)},
        )
    for resource, problem in facts.stopped:
        yield Finding(
            code=Code.HISTORY_STOPPED,
            colour=Colour.AMBER,
            since=None,
            subject=resource,
            values={"problem": problem},
        )
    if facts.letters:
        yield Finding(
            code=Code.LETTERS_FAILING,
            colour=Colour.AMBER,
            since=facts.letters.since,
            values={"problem": facts.letters.problem},
        )
    for flow in facts.suspects:
        yield Finding(
            code=Code.SIDES_UNLIKE,
            colour=Colour.AMBER,
            since=None,
            subject=flow,
            values={"flow": flow},
        )


def _late(facts: Facts, name: str, since: datetime | None) -> Colour | None:
    """How bad it is that something has been waiting since then."""
    amber, red = LATE[name]
    if since is None or facts.now - since <= amber * facts.pace:
        return None
    return Colour.RED if facts.now - since > red * facts.pace else Colour.AMBER
