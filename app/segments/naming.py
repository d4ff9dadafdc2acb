"""Short names: which segments a condition names, and what must hold of all of a store's together:
each is there, none names itself by a way round, and none grows too large. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from app.segments.conditions import Condition, ConditionError, Leaf, leaves
from app.segments.operators import Kind
from app.segments.written import condition_of

TAKEN = frozenset({"new", "preview", "shop"})
"""Addresses of pages, which no segment can have."""
LARGEST = 300
"""Comparisons in one segment, those of the segments it names counted in."""

Written = Mapping[str, str]
"""Short names to conditions as they were written."""


def slug_of(name: str) -> str:
    """A short name made of a name for people; empty when nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")


def names(condition: Condition) -> list[tuple[str, str]]:
    """The segments a condition names, each with its place."""
    return [(_slug(leaf), leaf.where) for leaf in leaves(condition) if _is_name(leaf)]


def reaches(condition: Condition, slug: str, written: Written) -> bool:
    """Whether a condition asks for this segment, itself or by another that it names."""
    return any(
        named == slug or reaches(condition_of(written[named]), slug, written)
        for named, _ in names(condition)
        if named in written
    )


def users(slug: str, written: Written) -> list[str]:
    """The segments whose own condition names this one."""
    return sorted(
        other
        for other, text in written.items()
        if slug in {named for named, _ in names(condition_of(text))}
    )


def check_names(condition: Condition, written: Written) -> None:
    """Raises ConditionError for a segment that is not there."""
    for slug, where in names(condition):
        if slug not in written:
            raise ConditionError(where, unknown(slug, written))


def unknown(slug: str, written: Written) -> str:
    """That there is no such segment, in a sentence with the way out."""
    close = get_close_matches(slug, written, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}?" if close else "the page of segments lists them all"
    return f"there is no segment {slug!r}, {hint}"


def check_whole(slug: str, written: Written) -> None:
    """Whether the store's segments still hold together with this one as it is in `written`. Raises
    ConditionError."""
    way = next(_rounds(slug, (slug,), written), None)
    if way is not None:
        named = " → ".join(way)
        raise ConditionError(
            f"segment.{slug}", f"it would ask for itself ({named}); take one of these out"
        )
    sizes: dict[str, int] = {}
    for each in written:
        if _size(each, written, sizes) > LARGEST:
            raise ConditionError(
                f"segment.{each}",
                f"with the segments it names it would hold {sizes[each]} comparisons, and"
                f" {LARGEST} is the most",
            )


def _rounds(slug: str, way: tuple[str, ...], written: Written) -> Iterator[tuple[str, ...]]:
    """The ways that lead from `slug` back to where they began. Only ways through it can be new."""
    for named in sorted({named for named, _ in names(condition_of(written[slug]))}):
        if named == way[0]:
            yield (*way, named)
        elif named in written and named not in way:
            yield from _rounds(named, (*way, named), written)


def _size(slug: str, written: Written, sizes: dict[str, int]) -> int:
    if slug not in sizes:
        own = leaves(condition_of(written[slug]))
        sizes[slug] = sum(
            _size(_slug(leaf), written, sizes) if _is_name(leaf) and _slug(leaf) in written else 1
            for leaf in own
        )
    return sizes[slug]


def _is_name(leaf: Leaf) -> bool:
    return leaf.fact.kind is Kind.SEGMENT


def _slug(leaf: Leaf) -> str:
    return leaf.fact.name.partition(".")[2]
