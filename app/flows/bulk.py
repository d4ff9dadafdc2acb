"""Many rows in one statement, of which it is told which were new. A row that is there already stays
as it is."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.models import Base
from app.models.rows import given, keys_of, packed, table_of


def insert_many(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], *returning: str
) -> list[tuple[Any, ...]]:
    """Insert rows that all have the same columns; of those that are new, what `returning` names."""
    if not rows:
        return []
    table = table_of(model)
    statement = _statement(table, tuple(sorted(rows[0])), returning or tuple(keys_of(table)))
    return [tuple(row) for row in session.execute(statement, packed(rows))]


@lru_cache(maxsize=64)
def _statement(
    table: Table, names: tuple[str, ...], returning: tuple[str, ...]
) -> ReturningInsert[Any]:
    source = given(table, names)
    return (
        insert(table)
        .from_select(list(names), select(*source.c), include_defaults=False)
        .on_conflict_do_nothing()
        .returning(*(table.c[name] for name in returning))
    )
