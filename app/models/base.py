"""What every table shares: names of constraints, time and money columns, our time-ordered ids."""

import itertools
import os
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from app import clock

_made = itertools.count()


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): ordered by our clock, so that indexes stay dense.

    Ids of one process and millisecond follow each other in the order they were made, by a
    counter of 26 bits (RFC 9562, 6.2, method 1), so that what was written first reads first.
    """
    milliseconds = int(clock.now().timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    high, low = divmod(next(_made) & 0x3FF_FFFF, 1 << 14)
    random = int.from_bytes(os.urandom(6), "big")
    first = milliseconds << 16 | 0x7 << 12 | high
    second = 0x2 << 62 | low << 48 | random
    return UUID(int=first << 64 | second)


StoreId = Annotated[UUID, mapped_column(Uuid, primary_key=True)]
Id = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=new_id)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Minor = Annotated[int, mapped_column(BigInteger)]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]


class Base(DeclarativeBase):
    """Every table a store owns leads its keys with `store_id`; see DESIGN 4, law 3."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class.
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


def same_store(
    table: str, *columns: str, to: tuple[str, ...] | None = None
) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the store: (store_id, columns) to the same in `table`."""
    target = to or columns
    return ForeignKeyConstraint(
        ["store_id", *columns],
        [f"{table}.store_id", *(f"{table}.{column}" for column in target)],
        ondelete="CASCADE",
    )
