"""The trials of a flow as its page shows them: what each way has brought, and which is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from babel.dates import format_timedelta
from babel.numbers import format_percent
from sqlalchemy.orm import Session

from app import experiments
from app.experiments import Reward, TrialFound
from app.flows.known import KnownFlow
from app.flows.trying import tried
from app.web.shown import t
from app.web.words import language

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """`found` None: until the first wave the shares are equal."""

    step: str
    reward: Reward
    within: str
    found: TrialFound | None
    made_at: datetime | None
    rates: Sequence[str]


def trials_shown(session: Session, known: KnownFlow) -> list[Shown]:
    every = list(tried(known.definition))
    kept = experiments.found_of(session, known.flow_id) if every else {}
    shown = []
    for step, learning, _, _ in every:
        found, made_at = kept.get(step, (None, None))
        rates = [_rate(way.rate, way.low, way.high) for way in found.ways] if found else []
        within = _time(learning.within)
        shown.append(Shown(step, learning.reward, within, found, made_at, rates))
    return shown


def _rate(rate: float | None, low: float | None, high: float | None) -> str:
    """Empty while it is not known."""
    if rate is None or low is None or high is None:
        return ""
    return t("lift.interval", difference=_percent(rate), low=_percent(low), high=_percent(high))


def _percent(rate: float) -> str:
    return format_percent(rate, "#,##0.0\u00a0%", locale=_locale())


def _time(length: timedelta) -> str:
    """In whole days where it is some, else in hours."""
    if length % _DAY == timedelta():
        return format_timedelta(length, "day", threshold=inf, locale=_locale())
    return format_timedelta(length, "hour", threshold=inf, locale=_locale())


def _locale() -> str:
    return language().replace("-", "_")
