"""The trials of a flow as its page shows them: what each way has brought, and which is better."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from babel.numbers import format_percent
from sqlalchemy.orm import Session

from app import experiments
from app.experiments import TrialFound
from app.flows.definition import Definition
from app.flows.known import KnownFlow
from app.flows.trying import Tried, lacking, tried
from app.web.shown import length, t, way
from app.web.words import language


@dataclass(frozen=True, slots=True)
class Shown:
    """`tried` None: nothing is counted. `found` None: until the first day has been counted.
    `lacks`: what cannot be told, and what to do about it."""

    step: str
    tried: Tried | None
    within: str
    found: TrialFound | None
    made_at: datetime | None
    rates: Sequence[str]
    lacks: Sequence[str]


_Kept = tuple[TrialFound | None, datetime | None]
_NOTHING: _Kept = (None, None)


def trials_shown(session: Session, known: KnownFlow) -> list[Shown]:
    every = {each.step: each for each in tried(known.definition) if each.sends}
    kept = experiments.found_of(session, known.flow_id) if every else {}
    lacks = _lacks(known.definition)
    return [
        _shown(step, every.get(step), kept.get(step, _NOTHING), lacks.get(step, ()))
        for step in known.definition.nodes
        if step in every or step in lacks
    ]


def _shown(step: str, trial: Tried | None, kept: _Kept, lacks: Sequence[str]) -> Shown:
    if trial is None:
        return Shown(step, None, "", None, None, (), lacks)
    found, made_at = kept
    if found is not None and trial.shares is not None:
        found = _at(found, trial.shares)
    rates = [_rate(one.rate, one.low, one.high) for one in found.ways] if found else []
    within = length(trial.learning.within)
    return Shown(step, trial, within, found, made_at, rates, lacks)


def _at(found: TrialFound, shares: Mapping[str, float]) -> TrialFound:
    """The file may have been changed since the day was counted; its shares hold at once."""
    ways = (replace(one, share=shares.get(one.name, 0.0)) for one in found.ways)
    return replace(found, ways=tuple(ways))


def _lacks(definition: Definition) -> Mapping[str, Sequence[str]]:
    found = defaultdict(list)
    for each in lacking(definition):
        found[each.node.id].append(t(f"trial_lack.{each.lack}", way=way(each.where)))
    return found


def _rate(rate: float | None, low: float | None, high: float | None) -> str:
    """Empty while it is not known."""
    if rate is None or low is None or high is None:
        return ""
    return t("lift.interval", difference=_percent(rate), low=_percent(low), high=_percent(high))


def _percent(rate: float) -> str:
    return format_percent(rate, "#,##0.0\u00a0%", locale=_locale())


def _locale() -> str:
    return language().replace("-", "_")
