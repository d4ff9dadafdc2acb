"""Many rows in one statement: they travel as one JSON parameter and PostgreSQL takes them apart.

A statement's text does not depend on the number of rows, so that it is compiled and planned once,
and JSON is written far faster than psycopg writes arrays.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BindParameter,
    ColumnElement,
    Table,
    TableValuedAlias,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.types import NullType

from app.jsontext import write
from app.models.base import Base

Row = dict[str, Any]
"""A row by column name."""

STORE: BindParameter[UUID] = bindparam("store", type_=Uuid())
"""The store that a statement is about which is made once."""

_ROWS = "given_rows"
_QUOTED = re.compile(r'["\\]')


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def keys_of(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def given(table: Table, names: Sequence[str], alias: str = "given") -> TableValuedAlias:
    """The rows of the parameter `packed` as a table with these columns of `table`."""
    columns: list[KeyedColumnElement[Any]] = [column(name, table.c[name].type) for name in names]
    rows = func.json_to_recordset(cast(bindparam(_ROWS, type_=Text), JSON))
    return rows.table_valued(*columns, name=alias).render_derived(with_types=True)


def packed(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The parameter of a statement made with `given`."""
    return {_ROWS: write(rows)}


def one_of(target: ColumnElement[Any] | Any, name: str) -> ColumnElement[bool]:
    """`target` is one of the values of the parameter `name`, which is given as `listed`.

    For a statement that is made once, where its module is read: to make one costs more than to ask
    it (docs/decisions/0013-statements-made-once.md).
    """
    return _is_any(target, bindparam(name, type_=NullType()))


def among(target: ColumnElement[Any] | Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """`target` is one of `values`: `one_of` for a statement that is made where it is asked."""
    return _is_any(target, bindparam(None, listed(values), type_=NullType(), unique=True))


def _is_any(target: Any, wanted: BindParameter[Any]) -> ColumnElement[bool]:
    # One parameter however many values, without a type of its own: PostgreSQL would take a text
    # apart again for every row that it compares, and plan without knowing how many there are.
    found: ColumnElement[bool] = target == any_(cast(wanted, ARRAY(target.type)))
    return found


def listed(values: Iterable[Any]) -> str:
    """An array as PostgreSQL reads one, which is written far faster than psycopg writes it."""
    texts = [_text(value) for value in values if value is not None]
    if not texts:
        return "{}"
    joined = '","'.join(texts)
    if "\\" in joined or joined.count('"') > 2 * (len(texts) - 1):
        joined = '","'.join(_QUOTED.sub(r"\\\g<0>", text) for text in texts)
    return '{"' + joined + '"}'


def _text(value: Any) -> str:
    # PostgreSQL reads identifiers without dashes, and dashes are most of the work of writing one.
    return value.hex if isinstance(value, UUID) else str(value)


def put(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows, or write over those with the same key. No key may stand twice in `rows`."""
    if rows:
        session.execute(_upsert(table_of(model), tuple(rows[0])), packed(rows))


def add(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows that are not there yet, by any unique key."""
    if rows:
        session.execute(_add(table_of(model), tuple(rows[0])), packed(rows))


def insert_new(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows that cannot be there: new ids, or looked for under the store's lock. To look once
    more for each is a quarter of what an insert costs."""
    if rows:
        session.execute(_insert(table_of(model), tuple(rows[0])), packed(rows))


@lru_cache(maxsize=64)
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    source = given(table, names)
    return insert(table).from_select(list(names), select(*(source.c[name] for name in names)))


@lru_cache(maxsize=64)
def _add(table: Table, names: tuple[str, ...]) -> Insert:
    return _insert(table, names).on_conflict_do_nothing()


@lru_cache(maxsize=64)
def _upsert(table: Table, names: tuple[str, ...]) -> Insert:
    statement = _insert(table, names)
    keys = keys_of(table)
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)
