"""A file as rows of cells: its encoding, its delimiter, its header, and the line each row is on.

Reads a piece at a time and keeps nothing, so that a file may be larger than the memory.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.errors import InvalidInput
from app.platforms.csvfile.mapping import NOTHING_SAID, Mapping
from app.platforms.csvfile.problems import BadCell

_DELIMITERS = ",;\t"
_PIECE = 1 << 20
_LONGEST_CELL = 1 << 20
_SAVE_AGAIN = "save it as text in UTF-8 and import it again"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. `read` is how many bytes of the file are behind us."""

    line: int
    cells: Sequence[str]
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file that can be read. `skipped` lines stand above its header."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    skipped: int
    size: int


def open_sheet(path: Path, mapping: Mapping = NOTHING_SAID) -> Sheet:
    """Look at the beginning of a file. Raises InvalidInput when it is none that we can read."""
    try:
        with path.open("rb") as stream:
            encoding = mapping.encoding or _encoding(stream)
            stream.seek(0)
            lines = _lines(stream, encoding)
            first = next(lines, "")
            skipped = int(first.lower().startswith("sep="))  # Excel's own hint.
            header = next(lines, "") if skipped else first
    except OSError as error:
        raise InvalidInput(path.name, f"cannot be opened: {error.strerror}") from error
    except UnicodeError as error:
        raise InvalidInput(path.name, f"is not text in {encoding}: {_SAVE_AGAIN}") from error
    if not header.strip():
        raise InvalidInput(path.name, "is empty: export it again")
    delimiter = _delimiter(header, mapping)
    cells = next(csv.reader([header], delimiter=delimiter))
    if len(cells) < 2:
        raise InvalidInput(
            path.name, "its first line has one column: a header with , or ; or tabs is needed"
        )
    return Sheet(
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        header=tuple(cell.strip() for cell in cells),
        skipped=skipped,
        size=path.stat().st_size,
    )


def read_rows(sheet: Sheet) -> Iterator[Row | BadCell]:
    """The rows below the header that have anything in them. A BadCell ends the file: a quotation
    mark that is never closed swallows whatever follows it."""
    csv.field_size_limit(_LONGEST_CELL)
    with sheet.path.open("rb") as stream:
        lines = _lines(stream, sheet.encoding)
        for _ in range(sheet.skipped):
            next(lines)
        reader = csv.reader(lines, delimiter=sheet.delimiter, strict=True)
        line = sheet.skipped + 1
        try:
            next(reader)
            for cells in reader:
                first, line = line + 1, sheet.skipped + reader.line_num
                if any(cells):
                    yield Row(line=first, cells=cells, read=stream.tell())
        except UnicodeError:
            yield BadCell(
                None,
                "",
                f"from line {line + 1} on the file is not text in {sheet.encoding}",
                _SAVE_AGAIN,
            )
        except csv.Error as error:
            yield BadCell(
                None,
                "",
                f"from line {line + 1} on the file cannot be read: {error}",
                'close the quotation mark; write one that is text twice: ""',
            )


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    errors = "replace" if encoding == "cp1252" else "strict"
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    for line in text:
        yield line.replace("\x00", "")


def _encoding(stream: BinaryIO) -> str:
    """UTF-8 if every byte agrees; else what Excel writes on Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    piece = stream.read(_PIECE)
    if piece.startswith(_UTF16):
        return "utf-16"
    encoding = "utf-8-sig" if piece.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        while piece:
            decoder.decode(piece)
            piece = stream.read(_PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return encoding


def _delimiter(header: str, mapping: Mapping) -> str:
    if mapping.delimiter:
        return "\t" if mapping.delimiter == "tab" else mapping.delimiter
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)
