"""Random conditions over every fact a set of people can be asked about, as a file would hold them.

Values come from the same small pools as the people's, so that comparisons hit as often as miss.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from app.segments.fact import Fact
from app.segments.facts import FACTS
from app.segments.operators import OPERATORS, Kind
from tests.integration.segments.people import EVENTS, MESSAGES, PRODUCTS, SHOP_SEGMENTS

_NUMBERS = [0, 1, 2, 3, 4, 5, 9, 9.5, 10, 90.5, 91]
_MONEY = [0, 10, 19.99, 20, "20.01", 30, 90]
_TEXTS = {
    "customer.email": ["ana@example.com", "bo@example.com", "ana"],
    "customer.phone": ["+393331234567", "+1", "+39"],
    "customer.first_name": ["Ana", "João", "李", "J"],
    "customer.locale": ["it", "pt-BR", "pt"],
    "customer.country": ["IT", "us", "JP", "NO"],
    "customer.region": ["CA", "MI", "C"],
}
_MOMENTS = ["1 hour", "1 day", "7 days", "10 days", "30 days", "60 days", "366 days"]
_LISTS = {
    "customer.tags": ["vip", "b2b", "è", "none"],
    "products.bought_titles": ["Title p1"],
    "features.used": ["export", "import", "Größe", "none"],
    "products.bought_categories": ["Tea", "Gifts", "Soap"],
}


NAMED = ("first", "second", "third")
"""Segments that conditions may name; a fourth is not there."""


@st.composite
def segments(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """The three, each of which may name those before it."""
    return {slug: draw(conditions(NAMED[:place])) for place, slug in enumerate(NAMED)}


def conditions(named: Sequence[str] = ()) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaves() if not named else leaves() | _named_leaves(named),
        lambda inner: st.dictionaries(
            st.sampled_from(["all", "any", "none"]),
            st.lists(inner, min_size=1, max_size=3),
            min_size=1,
            max_size=2,
        ),
        max_leaves=6,
    )


@st.composite
def leaves(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.integers(0, 9)) == 0:
        return draw(_event_leaves())
    if draw(st.integers(0, 9)) == 0:
        asked = draw(st.sampled_from(MESSAGES))
        return {f"can_whatsapp.{asked}": {"is": draw(st.booleans())}}
    if draw(st.integers(0, 9)) == 0:
        key = draw(st.sampled_from((*SHOP_SEGMENTS, "nobodys")))
        return {f"shop_segment.{key}": {"is": draw(st.booleans())}}
    fact = draw(st.sampled_from(sorted(FACTS.values(), key=lambda known: known.name)))
    operator = draw(st.sampled_from(sorted(OPERATORS[fact.kind])))
    return {fact.name: {operator: draw(_values(fact, operator))}}


@st.composite
def _named_leaves(draw: st.DrawFn, named: Sequence[str]) -> dict[str, Any]:
    return {f"segment.{draw(st.sampled_from(named))}": {"is": draw(st.booleans())}}


@st.composite
def _event_leaves(draw: st.DrawFn) -> dict[str, Any]:
    asked: dict[str, Any] = {
        draw(st.sampled_from(["count_at_least", "count_at_most"])): draw(st.integers(0, 3))
    }
    if draw(st.booleans()):
        asked["within"] = draw(st.sampled_from(_MOMENTS[:-1]))
    return {f"events.{draw(st.sampled_from((*EVENTS, 'order_placed')))}": asked}


def _values(fact: Fact, operator: str) -> st.SearchStrategy[Any]:
    if operator == "is_missing" or fact.kind is Kind.YES_NO:
        return st.booleans()
    if fact.kind is Kind.MOMENT:
        dates = ["2026-03-02", "2026-02-23", "2025-03-01"]
        return st.sampled_from(_MOMENTS if operator == "within" else _MOMENTS + dates)
    pool = st.sampled_from(_pool(fact))
    many = st.lists(pool, min_size=1, max_size=3)
    if operator in ("in", "not_in", "includes_all"):
        return many
    return pool | many if operator == "includes" else pool


def _pool(fact: Fact) -> list[Any]:
    if fact.kind is Kind.NUMBER:
        return _NUMBERS
    if fact.kind is Kind.MONEY:
        return _MONEY
    if fact.kind is Kind.CHOICE:
        return list(fact.choices)
    if fact.kind is Kind.LIST:
        return _LISTS.get(fact.name, [*PRODUCTS, "p9"])
    return _TEXTS[fact.name]
