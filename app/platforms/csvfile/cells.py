"""The cells of one row by our names for them; whatever cannot be read raises BadCell."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from app.money import exponent
from app.platforms.csvfile import values
from app.platforms.csvfile.layout import Layout
from app.platforms.csvfile.packed import Item
from app.platforms.csvfile.problems import BadCell, BadValue

T = TypeVar("T")
Columns = Mapping[str, tuple[int, ...]]
_LONGEST_KEY = 200
_NOTHING = {"", "NULL", "\\N"}
"""What databases write for an empty cell."""


class Cells:
    """One row, or a part of one with its own `columns`, under its layout."""

    __slots__ = ("_columns", "_filled", "_raw", "layout")

    def __init__(self, layout: Layout, raw: Sequence[str], columns: Columns | None = None) -> None:
        self.layout = layout
        self._raw = raw
        self._columns = layout.columns if columns is None else columns
        self._filled: dict[str, str] = {}
        for name, indexes in self._columns.items():
            for index in indexes:
                text = raw[index].strip() if index < len(raw) else ""
                if text not in _NOTHING:
                    self._filled[name] = _unguarded(text)
                    break

    def text(self, name: str) -> str:
        """The cell of a field, the best filled one of several; empty when there is none."""
        return self._filled.get(name, "")

    def key(self, name: str) -> str | None:
        """An id. One that a spreadsheet has turned into a rounded number is refused."""
        text = self.text(name)
        if len(text) > _LONGEST_KEY:
            raise self.bad(name, "is too long for an id", "is this the right column?")
        if "E+" in text and text.replace("E+", "").replace(".", "").replace(",", "").isdigit():
            fix = "format the column as text before saving, and export it again"
            raise self.bad(name, "was rounded by a spreadsheet", fix)
        return text or None

    def amount_text(self, name: str) -> str:
        """An amount as it is written, without what stands beside it."""
        text = self.text(name)
        return values.first_amount(text) if self.layout.format.struck_through else text

    def amount(self, name: str) -> str | None:
        """An amount as decimal text."""
        text = self.amount_text(name)
        if not text:
            return None
        decimal, has_decimals = self.layout.decimal, exponent(self.layout.currency) > 0
        return self.read(name, lambda: values.amount(text, decimal, has_decimals=has_decimals))

    def moment(self, name: str) -> datetime | None:
        """An instant in UTC."""
        text, layout = self.text(name), self.layout
        if not text:
            return None
        return self.read(name, lambda: values.moment(text, layout.timezone, layout.day_first))

    def unpacked(self, name: str, unpack: Callable[[str], list[Item]]) -> list[Item]:
        """The items packed into the cells of a field."""
        if name not in self._filled:
            return []
        texts = [text for index in self._columns[name] if (text := self._raw[index].strip())]
        return self.read(name, lambda: [item for text in texts for item in unpack(text)])

    def read(self, name: str, read: Callable[[], T]) -> T:
        """What `read` makes of the field, where a BadValue is the cell's."""
        try:
            return read()
        except BadValue as error:
            raise self.bad(name, error.problem, error.fix) from error

    def bad(self, name: str, problem: str, fix: str) -> BadCell:
        """The error that says so, with the value."""
        return BadCell(name, self.text(name), problem, fix)


def _unguarded(text: str) -> str:
    """Shopify guards a zip or a telephone from spreadsheets with an apostrophe."""
    return text[1:] if text[0] == "'" and text[1:2] in "+0123456789" else text
