"""Everything we hold about one person, for that person to read (GDPR, articles 15 and 20)."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from app.customers.merging import tables_of_customers
from app.models import Cart as CartRow
from app.models import CartKey, Customer, Order, OrderLine, Refund
from app.models.rows import table_of
from app.tenancy import store_of

_OURS = {"store_id", "lease_until", "claim", "clocks", "version", "person_version"}
"""Columns that say how we work and nothing about the person."""


def export_customer(session: Session, customer: Customer) -> dict[str, Any]:
    """All rows about a person by table, as plain JSON values."""
    store_id, customer_id = store_of(session), customer.customer_id
    own = table_of(Customer)
    content = {own.name: _rows(session, _of(own, store_id, customer_id))}
    for table in tables_of_customers():
        content[table.name] = _rows(session, _of(table, store_id, customer_id))
    orders = select(Order.order_key).where(
        Order.store_id == store_id, Order.customer_id == customer_id
    )
    carts = select(CartRow.cart_id).where(
        CartRow.store_id == store_id, CartRow.customer_id == customer_id
    )
    for model, column, keys in (
        (OrderLine, OrderLine.order_key, orders),
        (Refund, Refund.order_key, orders),
        (CartKey, CartKey.cart_id, carts),
    ):
        table = table_of(model)
        statement = select(table).where(table.c.store_id == store_id, column.in_(keys))
        content[table.name] = _rows(session, statement)
    return {name: rows for name, rows in content.items() if rows}


def _of(table: Table, store_id: UUID, customer_id: UUID) -> Select[Any]:
    return select(table).where(table.c.store_id == store_id, table.c.customer_id == customer_id)


def _rows(session: Session, statement: Select[Any]) -> list[dict[str, Any]]:
    return [
        {name: _plain(value) for name, value in row.items() if name not in _OURS}
        for row in session.execute(statement).mappings()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value
