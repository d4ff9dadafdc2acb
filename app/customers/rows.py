"""Many rows in one statement: columns travel as arrays and PostgreSQL unnests them.

A statement's text does not depend on the number of rows, so that it is compiled and planned once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Table,
    TableValuedAlias,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import KeyedColumnElement

from app.models import Base

Row = dict[str, Any]
"""A row by column name. Text in a JSON column is taken for JSON that is already written."""


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def keys_of(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def given(table: Table, names: Sequence[str], alias: str = "given") -> TableValuedAlias:
    """The parameters `names` as a table, each an array of its column's type.

    A parameter is called `<name>_all`: SQLAlchemy keeps the bare names for itself in an UPDATE.
    """
    arrays = [_array(table.c[name]) for name in names]
    columns: list[KeyedColumnElement[Any]] = [column(name, table.c[name].type) for name in names]
    return func.unnest(*arrays).table_valued(*columns, name=alias).render_derived()


def _array(target: Column[Any]) -> ColumnElement[Any]:
    if isinstance(target.type, JSONB):
        return cast(bindparam(f"{target.name}_all", type_=ARRAY(Text)), ARRAY(JSONB))
    return bindparam(f"{target.name}_all", type_=ARRAY(target.type))


def arrays(table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The rows turned on their side, ready for a statement made with `given`."""
    return {
        f"{name}_all": [_plain(row[name]) for row in rows]
        if isinstance(table.c[name].type, JSONB)
        else [row[name] for row in rows]
        for name in rows[0]
    }


def _plain(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def among(target: ColumnElement[Any] | Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """`target` is one of `values`, as one parameter however many they are."""
    wanted = bindparam(None, list(values), type_=ARRAY(target.type), unique=True)
    return target == any_(wanted)


def put(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows, or write over those with the same key. No key may stand twice in `rows`."""
    if rows:
        table = table_of(model)
        session.execute(_upsert(table, tuple(rows[0])), arrays(table, rows))


def add(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows that are not there yet, by any unique key."""
    if rows:
        table = table_of(model)
        statement = _insert(table, tuple(rows[0])).on_conflict_do_nothing()
        session.execute(statement, arrays(table, rows))


def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    source = given(table, names)
    return insert(table).from_select(list(names), select(*(source.c[name] for name in names)))


@lru_cache(maxsize=64)
def _upsert(table: Table, names: tuple[str, ...]) -> Insert:
    statement = _insert(table, names)
    keys = keys_of(table)
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    if not rest:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)
