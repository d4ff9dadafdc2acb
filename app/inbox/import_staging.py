"""Where rows of files wait until all rows of their order have been read, and how they leave.

Rows come by COPY in bounded chunks and leave order by order, so that neither the size of a file nor
the order of its rows matters to the memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, distinct, func, select, text
from sqlalchemy.orm import Session

from app.models import ImportRow
from app.platforms.csvfile import StagedRow, from_content
from app.tenancy import store_of

ORDERS = 250
ROWS = 5_000
"""How much one transaction takes: whichever is reached first."""
_LEFT_BEHIND = timedelta(days=1)
_COLUMNS = "store_id, import_id, order_ref, file, digest, line, said, staged_at"
_COPY = f"COPY incoming_rows ({_COLUMNS}) FROM STDIN"
_TYPES = ("uuid", "uuid", "text", "int4", "bytea", "int4", "text", "timestamptz")

Incoming = tuple[str, int, bytes, int, str]
"""Order, file, digest, line, content."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order and how many rows of it wait."""

    reference: str
    rows: int


def stage(session: Session, import_id: UUID, rows: Iterable[Incoming], now: datetime) -> None:
    """Put rows aside. One that waits already, by its file and digest, is the same row.

    COPY is not allowed into a table with row-level security, so the rows go through a table of
    this transaction's own. https://www.postgresql.org/docs/current/sql-copy.html
    """
    session.execute(text("CREATE TEMP TABLE incoming_rows (LIKE import_rows) ON COMMIT DROP"))
    store_id = store_of(session)
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for reference, file, digest, line, said in rows:
            copy.write_row((store_id, import_id, reference, file, digest, line, said, now))
    session.execute(
        text(
            f"INSERT INTO import_rows ({_COLUMNS}) SELECT {_COLUMNS} FROM incoming_rows"  # noqa: S608 - our own names.
            " ON CONFLICT DO NOTHING"
        )
    )


def count_orders(session: Session, import_id: UUID) -> int:
    """How many orders wait."""
    statement = select(func.count(distinct(ImportRow.order_ref))).where(_of(session, import_id))
    return session.scalar(statement) or 0


def next_orders(session: Session, import_id: UUID, after: str) -> list[Waiting]:
    """The next orders that fit into one transaction; at least one, if any waits."""
    rows = session.execute(
        select(ImportRow.order_ref, func.count())
        .where(_of(session, import_id), ImportRow.order_ref > after)
        .group_by(ImportRow.order_ref)
        .order_by(ImportRow.order_ref)
        .limit(ORDERS)
    )
    chosen: list[Waiting] = []
    for reference, count in rows:
        if chosen and sum(one.rows for one in chosen) + count > ROWS:
            break
        chosen.append(Waiting(reference, count))
    return chosen


def read_orders(
    session: Session, import_id: UUID, orders: Sequence[Waiting]
) -> Iterator[tuple[str, list[StagedRow]]]:
    """The rows of these orders, an order at a time."""
    statement = (
        select(ImportRow.order_ref, ImportRow.file, ImportRow.line, ImportRow.said)
        .where(_among(session, import_id, orders))
        .order_by(ImportRow.order_ref, ImportRow.file, ImportRow.line)
        .execution_options(yield_per=1_000)
    )
    for reference, rows in groupby(session.execute(statement), key=lambda row: row.order_ref):
        yield reference, [StagedRow(row.file, row.line, from_content(row.said)) for row in rows]


def remove(session: Session, import_id: UUID, orders: Sequence[Waiting]) -> None:
    """These orders need not wait any more."""
    session.execute(delete(ImportRow).where(_among(session, import_id, orders)))


def first_line(session: Session, import_id: UUID, reference: str) -> tuple[int, int]:
    """File and line of an order's first row."""
    row = session.execute(
        select(ImportRow.file, ImportRow.line)
        .where(_of(session, import_id), ImportRow.order_ref == reference)
        .order_by(ImportRow.file, ImportRow.line)
        .limit(1)
    ).one()
    return row.file, row.line


def discard(session: Session, import_id: UUID) -> None:
    """Nothing of this import waits any more."""
    session.execute(delete(ImportRow).where(_of(session, import_id)))


def discard_left_behind(session: Session, now: datetime) -> None:
    """Rows of imports whose process was killed: their people must not wait here for ever."""
    session.execute(
        delete(ImportRow).where(
            ImportRow.store_id == store_of(session), ImportRow.staged_at < now - _LEFT_BEHIND
        )
    )


def _of(session: Session, import_id: UUID) -> ColumnElement[bool]:
    return and_(ImportRow.store_id == store_of(session), ImportRow.import_id == import_id)


def _among(session: Session, import_id: UUID, orders: Sequence[Waiting]) -> ColumnElement[bool]:
    first, last = orders[0].reference, orders[-1].reference
    return and_(_of(session, import_id), ImportRow.order_ref.between(first, last))
