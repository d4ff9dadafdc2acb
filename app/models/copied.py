"""Rows as PostgreSQL writes them in binary, read as one array: of one width each, so that millions
are never millions of objects (https://www.postgresql.org/docs/current/sql-copy.html)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

_HEAD, _TAIL = 19, 2
"""Bytes before the first row and after the last."""
_KINDS = {4: ">i4", 8: ">i8"}


def columns(*named: tuple[str, int]) -> np.dtype[np.void]:
    """Whole numbers, each by its name and its width in bytes, none of them missing."""
    fields: list[tuple[str, str]] = [("columns", ">i2")]
    for name, width in named:
        fields += [(f"width_of_{name}", ">i4"), (name, _KINDS[width])]
    return np.dtype(fields)


def copied(
    session: Session, statement: str, asked: Mapping[str, Any], row: np.dtype[np.void]
) -> NDArray[np.void]:
    """The rows of a `COPY ... TO STDOUT (FORMAT BINARY)`."""
    told = bytearray()
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(statement, asked) as rows:
        for piece in rows:
            told += piece
    return np.frombuffer(told[_HEAD : len(told) - _TAIL], row)
