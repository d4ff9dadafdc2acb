"""A first look at a file: its columns, and how it writes amounts and dates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from app.platforms import ShopFacts
from app.platforms.csvfile.cells import Cells
from app.platforms.csvfile.fields import ALL, AMOUNTS, MOMENTS
from app.platforms.csvfile.layout import Layout, lay_out
from app.platforms.csvfile.mapping import NOTHING_SAID, Mapping
from app.platforms.csvfile.sheet import Row, Sheet, open_sheet, read_rows
from app.platforms.csvfile.values import day_first_in, decimal_in

SAMPLE = 5000
"""Rows that may show how a file writes its amounts and dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file and how it is going to be read. `example` is its first row."""

    sheet: Sheet
    layout: Layout
    example: Sequence[str]

    def columns(self) -> Iterator[tuple[str, str, str]]:
        """Each field with what it is, its headers, and a cell, to be shown before an import."""
        cells = Cells(self.layout, self.example)
        for name, indexes in self.layout.columns.items():
            headers = ", ".join(self.layout.header[index] for index in indexes)
            yield f"{name} ({ALL[name]})", headers, cells.text(name)


def inspect(path: Path, shop: ShopFacts, now: datetime, mapping: Mapping = NOTHING_SAID) -> Source:
    """Find out how to read a file. Raises InvalidInput naming what keeps it from being read."""
    sheet = open_sheet(path, mapping)
    layout = lay_out(sheet.header, mapping, shop, now)
    sample = [row.cells for row in islice(read_rows(sheet), SAMPLE) if isinstance(row, Row)]
    if layout.decimal is None:
        layout = replace(layout, decimal=decimal_in(_amounts(layout, sample)))
    if layout.day_first is None:
        layout = replace(layout, day_first=day_first_in(_moments(layout, sample)))
    return Source(sheet=sheet, layout=layout, example=sample[0] if sample else ())


def _amounts(layout: Layout, sample: Sequence[Sequence[str]]) -> Iterator[str]:
    rows = (Cells(layout, raw) for raw in sample)
    return (text for cells in rows for name in AMOUNTS if (text := cells.amount_text(name)))


def _moments(layout: Layout, sample: Sequence[Sequence[str]]) -> Iterator[str]:
    rows = (Cells(layout, raw) for raw in sample)
    return (text for cells in rows for name in MOMENTS if (text := cells.text(name)))
