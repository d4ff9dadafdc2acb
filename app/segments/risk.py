"""Who is at risk of leaving, by what is known today: the one place that says it for a set."""

from typing import Any

from sqlalchemy import ColumnElement, func

from app.customers.stages import Stage
from app.segments import tables
from app.segments.scope import Scope


def at_risk(scope: Scope) -> ColumnElement[bool]:
    """A buyer who has been silent for long. Whoever nobody has looked at yet is not."""
    stage: Any = tables.standing("stage")(scope)
    risky: ColumnElement[bool] = func.coalesce(stage == Stage.AT_RISK, False)
    return risky
