"""Counting the statements that a piece of work sends to the database."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app import db


@contextmanager
def statements() -> Iterator[Counter[str]]:
    """How often each statement is sent meanwhile; one for many rows that goes row by row counts
    for every row."""
    seen: Counter[str] = Counter()

    def count(_c: Any, _cursor: Any, statement: str, given: Any, _x: Any, many: bool) -> None:
        seen[" ".join(statement.split())] += len(given) if many else 1

    event.listen(db.engine(), "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(db.engine(), "before_cursor_execute", count)
