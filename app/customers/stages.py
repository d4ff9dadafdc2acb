"""The names of where a person can stand, and the rules by which they get them. Pure.

Silence is one state a person is in at a time, and each stage of their life with the shop belongs to
a step of the lifecycle (requirements #2 to #8, C3).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.science.rfm import Group


class Inactivity(StrEnum):
    """How silent somebody is, by days without a sign of life."""

    ACTIVE = "active"
    COOLING = "cooling"
    DORMANT = "dormant"
    CHURN_RISK = "churn_risk"
    LAPSED = "lapsed"
    LOST = "lost"


class Stage(StrEnum):
    """Somebody who was only seen is a prospect, who looked or filled a cart a lead."""

    PROSPECT = "prospect"
    LEAD = "lead"
    NEW = "new"
    REGULAR = "regular"
    AT_RISK = "at_risk"
    LOYAL = "loyal"
    CHAMPION = "champion"


LIFECYCLE: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.PROSPECT: "acquire",
        Stage.LEAD: "acquire",
        Stage.NEW: "onboard",
        Stage.REGULAR: "engage",
        Stage.AT_RISK: "retain",
        Stage.LOYAL: "expand",
        Stage.CHAMPION: "advocate",
    }
)
NEW_DAYS = 30
"""A first purchase makes somebody new for so long."""
LEAVING = frozenset({Inactivity.CHURN_RISK, Inactivity.LAPSED, Inactivity.LOST})
SILENT_DAYS = (14, 30, 45, 60, 91)
"""Where each state after ACTIVE begins (C3)."""
_USUAL_RHYTHM = 30.0
_QUICKEST, _SLOWEST = 0.25, 6.0


def silent_days(rhythm_days: float | None) -> tuple[int, ...]:
    """SILENT_DAYS for a store whose customers buy every `rhythm_days`: as many times its rhythm as
    they are of thirty days."""
    if rhythm_days is None:
        return SILENT_DAYS
    pace = min(max(rhythm_days / _USUAL_RHYTHM, _QUICKEST), _SLOWEST)
    return tuple(round(days * pace) for days in SILENT_DAYS)


def stage_of(
    orders: int, days_since_first: int | None, group: Group | None, silent: Inactivity | None
) -> Stage:
    """The stage of somebody with so many purchases, the first so many days ago; `silent` is None
    for somebody who never gave a sign of life."""
    if not orders:
        return Stage.PROSPECT if silent is None else Stage.LEAD
    if silent in LEAVING:
        return Stage.AT_RISK
    if group is Group.CHAMPIONS:
        return Stage.CHAMPION
    if group is Group.LOYAL:
        return Stage.LOYAL
    is_new = orders == 1 and days_since_first is not None and days_since_first < NEW_DAYS
    return Stage.NEW if is_new else Stage.REGULAR
