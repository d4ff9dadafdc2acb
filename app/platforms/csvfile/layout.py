"""Which column of a file holds what: told by a mapping, else guessed from the header.

A column serves one field only. What cannot be an order without a column is refused at once, with
the headers that were seen, before a single row is read.
"""

from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import InvalidInput
from app.events import OrderStatus
from app.platforms import ShopFacts
from app.platforms.csvfile.fields import ALL, ALTERNATIVES, GATHERED
from app.platforms.csvfile.formats import FORMATS, Format, recognise
from app.platforms.csvfile.mapping import Mapping
from app.platforms.csvfile.words import plain_words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """How to read one file. `decimal` and `day_first` are None when nothing shows them."""

    format: Format
    header: tuple[str, ...]
    columns: Names[str, tuple[int, ...]]
    currency: str
    timezone: str
    now: datetime
    decimal: str | None = None
    day_first: bool | None = None
    statuses: Names[str, OrderStatus] = field(default_factory=dict)

    @property
    def unused(self) -> list[str]:
        """Headers nothing is taken from."""
        used = {index for indexes in self.columns.values() for index in indexes}
        return [name for index, name in enumerate(self.header) if index not in used and name]

    def header_of(self, name: str | None) -> str:
        """The header a field is read from, for a report."""
        indexes = self.columns.get(name or "", ())
        return self.header[indexes[0]] if indexes else name or ""


def lay_out(header: tuple[str, ...], mapping: Mapping, shop: ShopFacts, now: datetime) -> Layout:
    """Find the columns. Raises InvalidInput when a column is missing or named that is not there."""
    words = [plain_words(name) for name in header]
    known = FORMATS[mapping.format] if mapping.format else recognise(frozenset(words))
    columns = _named(header, words, mapping)
    _guess(columns, words, known)
    _require(columns, header, known)
    return Layout(
        format=known,
        header=header,
        columns={name: columns[name] for name in ALL if name in columns},
        currency=mapping.currency or shop.currency,
        timezone=mapping.timezone or shop.timezone,
        now=now,
        decimal=mapping.decimal or known.decimal,
        day_first=mapping.dates == "day_first" if mapping.dates else None,
        statuses=mapping.statuses,
    )


def _named(
    header: tuple[str, ...], words: list[str], mapping: Mapping
) -> dict[str, tuple[int, ...]]:
    columns: dict[str, tuple[int, ...]] = {}
    for name, wanted in mapping.columns.items():
        places = [_place(header, words, one) for one in wanted]
        if None in places:
            missing = wanted[places.index(None)]
            raise InvalidInput(
                f"mapping, columns.{name}",
                f"the file has no column “{missing}”; it has {_listed(header)}",
            )
        columns[name] = tuple(place for place in places if place is not None)
    return columns


def _place(header: tuple[str, ...], words: list[str], wanted: str) -> int | None:
    if wanted in header:
        return header.index(wanted)
    plain = plain_words(wanted)
    return words.index(plain) if plain and plain in words else None


def _guess(columns: dict[str, tuple[int, ...]], words: list[str], known: Format) -> None:
    taken = {index for indexes in columns.values() for index in indexes}
    for name, candidates in known.headers.items():
        if name in columns:
            continue
        found = [words.index(one) for one in candidates if one in words]
        free = [index for index in dict.fromkeys(found) if index not in taken]
        if name in GATHERED:
            free += [n for n, word in enumerate(words) if _is_numbered(word, candidates)]
        elif name not in ALTERNATIVES:
            free = free[:1]
        if free:
            columns[name] = tuple(free)
            taken.update(free)


def _is_numbered(word: str, candidates: tuple[str, ...]) -> bool:
    """One plugin writes each line into a column of its own: `line_item_1`, `line_item_2`."""
    head, _, number = word.rpartition(" ")
    return number.isdigit() and f"{head}s" in candidates


def _require(columns: dict[str, tuple[int, ...]], header: tuple[str, ...], known: Format) -> None:
    needed = {
        "order_id": known.groups_by,
        "placed_at": ("placed_at",),
        "order_total": ("order_total", "line_total", "unit_price", "line_items"),
    }
    for name, choices in needed.items():
        if not any(choice in columns for choice in choices):
            raise InvalidInput(
                name,
                f"no column holds {ALL[name]}; the file has {_listed(header)}."
                f" Name the column in a mapping file: columns: {{{name}: …}}",
            )


def _listed(header: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name}”" for name in header[:12] if name)
    return f"{shown} and {len(header) - 12} more" if len(header) > 12 else shown
