"""A store in parts, in the order of its people's ids, so that a large one is not held for long."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, bindparam, select
from sqlalchemy.orm import Session

from app.models import Customer
from app.models.rows import STORE
from app.tenancy import store_of

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
PART = 50_000


def in_part(customer: Any) -> list[ColumnElement[bool]]:
    return [
        customer > bindparam("after", type_=Uuid()),
        customer <= bindparam("until", type_=Uuid()),
    ]


def end_of_part(session: Session, after: UUID, most: int) -> UUID | None:
    """The last of the next `most` people in the order of their ids; None where there are fewer."""
    place = {"store": store_of(session), "after": after, "skipped": most - 1}
    return session.scalar(_END_OF_PART, place)


_END_OF_PART = (
    select(Customer.customer_id)
    .where(Customer.store_id == STORE, Customer.customer_id > bindparam("after", type_=Uuid()))
    .order_by(Customer.customer_id)
    .offset(bindparam("skipped", type_=Integer))
    .limit(1)
)
