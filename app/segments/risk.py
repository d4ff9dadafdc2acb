"""How likely the people of a segment are to leave: the one place that says it for a set.

By what is predicted of them (1 less the probability of an order within 90 days), of those of whom
something is; where nothing is, by how many have been silent for long.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func

from app.customers.stages import Stage
from app.models import SegmentDay
from app.segments import tables
from app.segments.scope import Scope


class By(StrEnum):
    PREDICTION = "prediction"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Risk:
    """`share`: the mean risk of these `people`, or how many of them are silent for long."""

    by: By
    share: float
    people: int


def risk_of(day: SegmentDay) -> Risk | None:
    """Of a segment on a day: nothing of nobody."""
    if day.predicted and day.churn_risk is not None:
        return Risk(By.PREDICTION, float(day.churn_risk) / 100, day.predicted)
    return Risk(By.SILENCE, day.at_risk / day.people, day.people) if day.people else None


def at_risk(scope: Scope) -> ColumnElement[bool]:
    """A buyer who has been silent for long. Whoever nobody has looked at yet is not."""
    stage: Any = tables.standing("stage")(scope)
    risky: ColumnElement[bool] = func.coalesce(stage == Stage.AT_RISK, False)
    return risky
