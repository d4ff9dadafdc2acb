"""Rows as PostgreSQL writes them in binary, read as arrays: of one width each, so that millions are
never millions of objects (https://www.postgresql.org/docs/current/sql-copy.html)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

Rows = NDArray[np.void]
_HEAD, _TAIL = 19, 2
"""Bytes before the first row and after the last."""
_AT_ONCE = 100_000
_ID = 16


def columns(*named: tuple[str, int]) -> np.dtype[np.void]:
    """Of rows without a missing value: each column by its name and its width in bytes. Whole
    numbers have 4 or 8; an id has 16, whose halves are `<name>_high` and `<name>_low`."""
    fields: list[tuple[str, str]] = [("columns", ">i2")]
    for name, width in named:
        halves = [(f"{name}_high", ">u8"), (f"{name}_low", ">u8")]
        fields += [(f"width_of_{name}", ">i4")]
        fields += halves if width == _ID else [(name, f">i{width}")]
    return np.dtype(fields)


def copied(
    session: Session, statement: str, asked: Mapping[str, Any], row: np.dtype[np.void]
) -> Rows:
    """The rows of a `COPY ... TO STDOUT (FORMAT BINARY)`."""
    return np.concatenate(list(copied_in_parts(session, statement, asked, row)))


def copied_in_parts(
    session: Session, statement: str, asked: Mapping[str, Any], row: np.dtype[np.void]
) -> Iterator[Rows]:
    """The same a part at a time, for who keeps less of them than they are. The last one is of what
    is left, and may be empty."""
    driver = session.connection().connection.driver_connection
    assert driver is not None
    told, head = bytearray(), _HEAD
    with driver.cursor() as cursor, cursor.copy(statement, asked) as pieces:
        for piece in pieces:
            told += piece
            if len(told) > _AT_ONCE * row.itemsize:
                whole = head + (len(told) - head) // row.itemsize * row.itemsize
                yield np.frombuffer(bytes(told[head:whole]), row)
                told, head = told[whole:], 0
    yield np.frombuffer(bytes(told[head : len(told) - _TAIL]), row)
