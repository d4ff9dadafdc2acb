"""One page of a person's timeline, asked of one table: the newest rows before a place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.customers.entries import Place

_Columns = TypeVarTuple("_Columns")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose entries are asked for, from where on, and how many."""

    session: Session
    store_id: UUID
    customer_id: UUID
    before: Place | None
    limit: int

    def rows(
        self,
        statement: Select[*_Columns],
        at: InstrumentedAttribute[Any],
        entry_id: InstrumentedAttribute[UUID],
    ) -> Iterator[Row[*_Columns]]:
        """The newest rows of a statement before the place asked for."""
        if self.before is not None:
            place = tuple_(self.before.at, self.before.entry_id)
            statement = statement.where(tuple_(at, entry_id) < place)
        newest = statement.order_by(at.desc(), entry_id.desc()).limit(self.limit)
        return iter(self.session.execute(newest))

    def of(self, table: Any) -> ColumnElement[bool]:
        """The rows of this person."""
        return and_(table.store_id == self.store_id, table.customer_id == self.customer_id)
