"""Documents that are right but for a few places: as a vendor's next version, or somebody who knows
what we read, would send them."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.web.nasty import documents, texts

Path = tuple[str | int, ...]
GONE = object()
_FAR = [
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "2026-03-02T09:00:00+23:59",
    2**63,
    -1,
    1e308,
]
values = st.just(GONE) | st.sampled_from([*_FAR, "a\0b", "\ud83e"]) | texts | documents


def paths(document: Any, here: Path = ()) -> Iterator[Path]:
    """Every place in a document but the whole."""
    if here:
        yield here
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, inner in items:
        yield from paths(inner, (*here, key))


def mutants(document: Any, most: int = 3) -> st.SearchStrategy[Any]:
    """The document with up to `most` places changed or gone."""
    changes = st.lists(
        st.tuples(st.sampled_from(sorted(paths(document), key=str)), values), max_size=most
    )
    return changes.map(lambda chosen: _changed(document, chosen))


def _changed(document: Any, chosen: list[tuple[Path, Any]]) -> Any:
    changed = copy.deepcopy(document)
    for path, value in chosen:
        place: Any = changed
        for key in path[:-1]:
            place = place[key] if _has(place, key) else None
        if _has(place, path[-1]) and value is GONE:
            del place[path[-1]]
        elif _has(place, path[-1]):
            place[path[-1]] = value
    return changed


def _has(place: Any, key: str | int) -> bool:
    if isinstance(place, dict):
        return key in place
    return isinstance(place, list) and isinstance(key, int) and key < len(place)
