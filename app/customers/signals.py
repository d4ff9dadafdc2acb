"""The signs by which somebody shows that they may leave, each with its level. Pure rules over what
is known of one person; the values that were compared are told with each (requirements #70 to #79).

Who answers at which level is the playbook (#78). Counts are of the last thirty days, against the
thirty before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.customers.stages import LEAVING, Inactivity


class Level(StrEnum):
    """Of risk, the least first (C8)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Signal(StrEnum):
    SILENT = "silent"
    LOW_SCORE = "low_score"
    SCORE_FELL = "score_fell"
    CART_LEFT = "cart_left"
    LOGINS_DOWN = "logins_down"
    USE_DOWN = "use_down"
    TICKETS_UP = "tickets_up"
    PAYMENT_FAILED = "payment_failed"
    COMPLAINED = "complained"
    NO_ANSWER = "no_answer"
    LEAVING = "leaving"
    COMPARING = "comparing"


OWNER: Mapping[Level, str] = MappingProxyType(
    {
        Level.LOW: "marketing",
        Level.MEDIUM: "success",
        Level.HIGH: "account",
        Level.CRITICAL: "leadership",
    }
)
"""Who answers (#78)."""
SCORED_FOR = timedelta(days=90)
"""How long a score says something of today."""
FALL = 2
"""Points by which a score falls that says something."""
FEWEST = 4
"""Logins or uses in thirty days. Half of less is chance."""
TICKETS, UNANSWERED = 2, 2

Values = Mapping[str, object]
_NO_TIMES = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the rules look at. `acts`: how often in the last thirty days, and in those before;
    `score_before`: the answer before the latest; `failed_at`, `paid_at`: the latest payment that
    failed, and the latest that was made."""

    now: datetime
    inactivity: Inactivity | None = None
    last_active_at: datetime | None = None
    last_order_at: datetime | None = None
    score: int | None = None
    score_at: datetime | None = None
    score_before: int | None = None
    low_score: int = 5
    cart_left_at: datetime | None = None
    failed_at: datetime | None = None
    paid_at: datetime | None = None
    acts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def times(self, act: str) -> tuple[int, int]:
        return self.acts.get(act, _NO_TIMES)

    def ordered_since(self, at: datetime) -> bool:
        return self.last_order_at is not None and self.last_order_at >= at

    @property
    def scored(self) -> int | None:
        """The latest score, if it is of these days."""
        is_of_now = self.score_at is not None and self.score_at > self.now - SCORED_FOR
        return self.score if is_of_now else None


@dataclass(frozen=True, slots=True)
class Rule:
    """`values` gives what was compared, or None where there is no such sign."""

    signal: Signal
    level: Level
    values: Callable[[Seen], Values | None]


def _silent(seen: Seen) -> Values | None:
    if seen.inactivity not in LEAVING or seen.last_active_at is None:
        return None
    return {"days": (seen.now - seen.last_active_at).days}


def _low_score(seen: Seen) -> Values | None:
    found = seen.scored
    return None if found is None or found > seen.low_score else {"score": found}


def _score_fell(seen: Seen) -> Values | None:
    found, before = seen.scored, seen.score_before
    if found is None or before is None or found > before - FALL:
        return None
    return {"score": found, "before": before}


def _cart_left(seen: Seen) -> Values | None:
    at = seen.cart_left_at
    return None if at is None or seen.ordered_since(at) else {"at": at}


def _payment_failed(seen: Seen) -> Values | None:
    at = seen.failed_at
    if at is None or at <= seen.now - timedelta(days=30) or seen.ordered_since(at):
        return None
    return None if seen.paid_at is not None and seen.paid_at >= at else {"at": at}


def _tickets_up(seen: Seen) -> Values | None:
    recent, before = seen.times("ticket_opened")
    return {"recent": recent, "before": before} if recent >= TICKETS and recent > before else None


def _halved(act: str) -> Callable[[Seen], Values | None]:
    def values(seen: Seen) -> Values | None:
        recent, before = seen.times(act)
        is_less = before >= FEWEST and 2 * recent < before
        return {"recent": recent, "before": before} if is_less else None

    return values


def _happened(act: str, least: int = 1) -> Callable[[Seen], Values | None]:
    def values(seen: Seen) -> Values | None:
        recent, _ = seen.times(act)
        return {"times": recent} if recent >= least else None

    return values


RULES: tuple[Rule, ...] = (
    Rule(Signal.SILENT, Level.MEDIUM, _silent),
    Rule(Signal.LOW_SCORE, Level.HIGH, _low_score),
    Rule(Signal.SCORE_FELL, Level.HIGH, _score_fell),
    Rule(Signal.CART_LEFT, Level.LOW, _cart_left),
    Rule(Signal.LOGINS_DOWN, Level.HIGH, _halved("logged_in")),
    Rule(Signal.USE_DOWN, Level.MEDIUM, _halved("feature_used")),
    Rule(Signal.TICKETS_UP, Level.MEDIUM, _tickets_up),
    Rule(Signal.PAYMENT_FAILED, Level.HIGH, _payment_failed),
    Rule(Signal.COMPLAINED, Level.HIGH, _happened("complaint_made")),
    Rule(Signal.NO_ANSWER, Level.MEDIUM, _happened("contact_unanswered", UNANSWERED)),
    Rule(Signal.LEAVING, Level.CRITICAL, _happened("cancellation_sought")),
    Rule(Signal.COMPARING, Level.HIGH, _happened("competitor_compared")),
)
LEVEL: Mapping[Signal, Level] = MappingProxyType({rule.signal: rule.level for rule in RULES})
ACTS = (
    *("logged_in", "feature_used", "ticket_opened", "payment_failed", "complaint_made"),
    *("contact_unanswered", "cancellation_sought", "competitor_compared", "payment_succeeded"),
)
"""The acts that the rules count."""


def signals_of(seen: Seen) -> dict[Signal, Values]:
    """Every sign that is there, with the values that were compared."""
    found = {rule.signal: rule.values(seen) for rule in RULES}
    return {signal: values for signal, values in found.items() if values is not None}
