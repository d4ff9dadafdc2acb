"""The trials of a flow as its page shows them: what each way has brought, and which is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_percent
from sqlalchemy.orm import Session

from app import experiments
from app.experiments import Reward, TrialFound
from app.flows.known import KnownFlow
from app.flows.trying import tried
from app.web.shown import length, t
from app.web.words import language


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
        within = length(learning.within)
        shown.append(Shown(step, learning.reward, within, found, made_at, rates))
    return shown


def _rate(rate: float | None, low: float | None, high: float | None) -> str:
    """Empty while it is not known."""
    if rate is None or low is None or high is None:
        return ""
    return t("lift.interval", difference=_percent(rate), low=_percent(low), high=_percent(high))


def _percent(rate: float) -> str:
    return format_percent(rate, "#,##0.0\u00a0%", locale=_locale())


def _locale() -> str:
    return language().replace("-", "_")
