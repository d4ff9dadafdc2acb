"""One condition language: to SQL for a set of people, in memory for one."""

from app.customers.snapshots import read_segments
from app.customers.without_loops import of_everybody
from app.segments.conditions import (
    Condition,
    ConditionError,
    leaves,
    needs_journey,
    parse_condition,
)
from app.segments.counting import PASS
from app.segments.durations import parse_duration
from app.segments.from_shop import (
    adopt,
    ask_again,
    claim_page,
    gone_since,
    keep_page,
    note_gone,
    put_off_pages,
)
from app.segments.kept import Draft, InUse, archive, check, get_segment, keep, list_segments
from app.segments.memory import Evaluation, holds
from app.segments.naming import names, reaches, slug_of, unknown
from app.segments.planting import plant
from app.segments.sizes import count_due, put_off_counts, put_off_first
from app.segments.sql import matching

__all__ = [
    "PASS",
    "Condition",
    "ConditionError",
    "Draft",
    "Evaluation",
    "InUse",
    "adopt",
    "archive",
    "ask_again",
    "check",
    "claim_page",
    "count_due",
    "get_segment",
    "gone_since",
    "holds",
    "keep",
    "keep_page",
    "leaves",
    "list_segments",
    "matching",
    "names",
    "needs_journey",
    "note_gone",
    "of_everybody",
    "parse_condition",
    "parse_duration",
    "plant",
    "put_off_counts",
    "put_off_first",
    "put_off_pages",
    "reaches",
    "read_segments",
    "slug_of",
    "unknown",
]
