"""One condition language: to SQL for a set of people, in memory for one."""

from app.customers.without_loops import of_everybody
from app.segments.conditions import (
    Condition,
    ConditionError,
    leaves,
    needs_journey,
    parse_condition,
)
from app.segments.durations import format_duration, parse_duration
from app.segments.memory import Evaluation, holds
from app.segments.sql import matching

__all__ = [
    "Condition",
    "ConditionError",
    "Evaluation",
    "format_duration",
    "holds",
    "leaves",
    "matching",
    "needs_journey",
    "of_everybody",
    "parse_condition",
    "parse_duration",
]
