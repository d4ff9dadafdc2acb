"""What the condition of a segment can ask for, as lines to copy into one."""

from collections.abc import Mapping
from types import MappingProxyType

from app.segments.fact import Fact
from app.segments.facts import FACTS
from app.segments.operators import Kind

_ASKED: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.NUMBER: "{at_least: 3}",
        Kind.MONEY: "{at_least: 20.00}",
        Kind.TEXT: "{starts_with: A}",
        Kind.LIST: "{includes: a}",
        Kind.MOMENT: "{within: 30 days}",
        Kind.YES_NO: "{is: true}",
    }
)
_NAMED = (
    "events.link_clicked: {count_at_least: 1, within: 30 days}",
    "segment.champions: {is: true}",
)
"""One of each family that can make a segment."""


def fact_lines() -> list[str]:
    """Every fact with a comparison that holds for some; a choice with all it can be."""
    asked = [fact for fact in FACTS.values() if fact.column or fact.overlap]
    return [*(f"{fact.name}: {_comparison(fact)}" for fact in asked), *_NAMED]


def _comparison(fact: Fact) -> str:
    if fact.kind is Kind.CHOICE:
        return f"{{in: [{', '.join(fact.choices)}]}}"
    return "{is: IT}" if fact.upper else _ASKED[fact.kind]
