"""What one question is about, and what of other tables it needs, joined once for each kind.

A fact of another table is one subquery with a row for each person, so that PostgreSQL reads that
table once for a whole store. It is held to the people who can still be meant: through an index for
a few of them. Never a subquery that runs once for each person.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, select, true

from app.models import Customer
from app.models.rows import among

Joined = dict[Hashable, tuple[Subquery, Any]]
Windows = tuple[timedelta | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One store at one moment. `meant` is what is known of the people without looking elsewhere;
    `people`: these alone are asked of; `segments`: the store's, as they were written; `windows`:
    by its name over which times an act is counted."""

    store_id: UUID
    currency: str
    locale: str
    now: datetime
    segments: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, Windows] = field(default_factory=dict)
    people: Sequence[UUID] | None = None
    meant: tuple[ColumnElement[bool], ...] = ()
    joined: Joined = field(default_factory=dict)

    def of_the_meant(self, customer_id: Any) -> ColumnElement[bool]:
        """Holds a column of another table to the people who can still be meant."""
        if self.people is not None:
            return among(customer_id, self.people)
        return self.has_one_of_the_meant(customer_id, Customer.customer_id)

    def has_one_of_the_meant(self, column: Any, own: Any) -> ColumnElement[bool]:
        """The same by another column of theirs, like their number."""
        if not self.meant and self.people is None:
            return true()
        theirs = select(own).where(*self.customers()).correlate(None)
        among_theirs: ColumnElement[bool] = column.in_(theirs)
        return among_theirs

    def customers(self) -> list[ColumnElement[bool]]:
        """Whom the question can be about."""
        here = [Customer.store_id == self.store_id, Customer.erased_at.is_(None), *self.meant]
        if self.people is not None:
            here.append(among(Customer.customer_id, self.people))
        return here

    def join(
        self, key: Hashable, rows: Select[*tuple[Any, ...]], own: Any = Customer.customer_id
    ) -> Any:
        """The columns of `rows`, whose first names the person as `own` does and is there once."""
        if key not in self.joined:
            found = rows.subquery()
            self.joined[key] = found, found.c[0] == own
        return self.joined[key][0].c

    def source(self) -> FromClause:
        """The customers beside everything that was asked for."""
        found: Any = Customer.__table__
        for rows, here in self.joined.values():
            found = found.outerjoin(rows, here)
        return found  # type: ignore[no-any-return]  # SQLAlchemy builds joins step by step.
