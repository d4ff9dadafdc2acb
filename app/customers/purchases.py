"""What is said about each order of a batch."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.customers.orders import Work

_SHOWN = ("status", "total_minor", "refunded_minor", "deleted_at", "customer_id", "counts")


def announce(
    batch: Batch, work: Work, carts: dict[str, list[UUID]], first: dict[UUID, datetime | None]
) -> None:
    """Say what happened to each order. One is placed when it first counts, and only then."""
    for key, entry in work.items():
        row, before = entry.row, entry.before or {}
        if row is None or row == entry.before:
            continue
        owner = batch.orders_of.get(key, row["customer_id"])
        if row["counts"] and not before.get("bought", False):
            values: dict[str, Any] = {
                "first": owner is not None and first.get(owner) == row["placed_at"],
                "cart_ids": carts.get(key, []),
            }
            kind = ChangeKind.ORDER_PLACED
        elif any(before.get(name) != row[name] for name in _SHOWN):
            values = {"status": row["status"], "counts": row["counts"]}
            kind = ChangeKind.ORDER_CHANGED
        else:
            continue
        batch.note(kind, owner, entry.told, order_key=key, **values)
