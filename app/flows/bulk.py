"""Many rows in one statement whose text does not depend on how many there are.

The rows travel as one JSON value: a statement with thousands of parameters costs its driver more
time than the whole decision did. A row that is there already stays as it is.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, Text, bindparam, column, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from app.models import Base


def insert_many(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], *returning: str
) -> list[tuple[Any, ...]]:
    """Insert rows that all have the same columns; of those that are new, what `returning` names."""
    if not rows:
        return []
    table = cast(Table, model.__table__)
    names = sorted(rows[0])
    given = (
        func.jsonb_to_recordset(sql_cast(bindparam("given", type_=Text), JSONB))
        .table_valued(*(column(name, table.c[name].type) for name in names), name="given")
        .render_derived(with_types=True)
    )
    statement = (
        insert(table)
        .from_select(names, select(*given.c), include_defaults=False)
        .on_conflict_do_nothing()
        .returning(*(table.c[name] for name in returning or table.primary_key.columns.keys()))
    )
    # Identifiers and moments become text here, and in the database what they are again.
    packed = json.dumps([dict(row) for row in rows], default=str)
    return [tuple(row) for row in session.execute(statement, {"given": packed})]
